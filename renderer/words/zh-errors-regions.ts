// 适配器作用区域的错误。
export const zhRegionErrors: Readonly<Record<string, string>> = {
  'region-adapter-unknown': '区域“{region}”不属于图片所用的任何适配器（有：{names}）。请写成“适配器名=区域”，如 ink=0,0,0.5,1。',
  'region-auto-alone': '自动区域由各适配器分享图片，而只有“{name}”用了自动区域。请给另一个适配器也设为自动，或给“{name}”一个框或蒙版。',
  'region-auto-model': '这个模型没有可以用来寻找区域的注意力。请改用框或蒙版。',
  'region-auto-words': '“{name}”的区域要靠它的词来寻找，而提示词里没有（{words}）。请写进提示词，或指定提示词中的词：auto:词。',
  'region-aspect': '蒙版“{file}”是 {got}，图片是 {expected}：蒙版会被拉伸变形。请按图片的形状另存蒙版。',
  'region-bias': '带区域的适配器改动了偏置或归一化层（“{path}”），它作用于整张图片。请去掉它的区域，或不带区域使用它。',
  'region-empty': '区域“{region}”没有白色部分，它的适配器不会起作用。请把要作用的地方涂白，或关掉该适配器。',
  'region-folded': '折叠进权重的适配器作用于整张图片，而其中一个带有区域。请把模式设为“叠加”，或去掉区域。',
  'region-invalid': '区域“{region}”不是图片内的框。请给出左、上、宽、高占图片边长的比例，如左半边 0,0,0.5,1；也可以给蒙版文件。',
  'region-names-alike': '图片里有两个适配器都叫“{name}”，无法知道区域“{region}”属于哪一个。请把其中一个复制成另一个名字。',
  'region-twice': '适配器“{name}”有两个区域。请只给一个。',
}
