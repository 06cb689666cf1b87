// 说明助手的错误。

export const zhCaptioningErrors: Readonly<Record<string, string>> = {
  'caption-options-unknown': '这种方式没有选项 {unknown}。请去掉它们；它有的是：{known}。',
  'decoder-input': '解码器是另一种：{reason}。请用 optimum 以 image-to-text 任务导出。',
  'captioner-file': '说明模型的“{name}”不能用：{reason}。请从发布处重新复制。',
  'captioner-failed': '在“{name}”处停下了：{reason}。请换一组选项，或换一个模型。',
  'captioner-incomplete': '文件夹“{folder}”缺少 {missing}。请把缺少的文件按发布时的样子放到一起。',
  'captioner-unknown': '“{folder}”不是说明模型：{reason}。请选择放有标签模型或描述模型文件的文件夹。',
  'captions-both': '已有的说明不能既覆盖又追加。请只选一种。',
  'captions-all-there': '全部 {captioned} 张图片都已有说明，因此没有询问。要改写请选“覆盖”，要保留请选“添加”。',
  'captions-written': '写了 {written} 条说明；{silent} 张没有可写的，{failed} 张读不了，{moved} 张期间有改动而未动。不满意时请撤销。',
  'onnx-unreadable': '“{name}”不能作为 ONNX 模型打开。请从发布处重新完整复制。',
  'resample-unknown': '不认识缩放方式 {filter}。请使用模型发布时的 preprocessor_config.json。',
  'tag-list-length': 'selected_tags.csv 有 {tags} 个标签，而模型给出 {outputs} 个概率。请使用同一个标签模型的两个文件。',
  'tag-list-unreadable': '“{path}”不是标签表。请从发布处重新复制 selected_tags.csv。',
  'tagger-input': '这个模型的输入是 {got}，不是 WD14 标签模型的样子。请选择 wd-vit-tagger-v3 这类模型。',
  'template-missing': '这个模板只重复已有的说明，什么都不会改变。请写一个带触发词或名字的模板。',
  'template-unknown': '模板中没有“{place}”这个位置。请使用 {known}。',
}
