// 提示词的写法，以及由它引导的部分。
export const zhPrompts = {
  'field.guidanceStart': '引导起点',
  'reason.guidanceStart': '引导开始前的步数占比，这些步只按提示词和适配器进行。0：从第一步开始引导。',
  'field.cfgRescale': 'CFG 重缩放',
  'reason.cfgRescale': '收回引导带来的过强对比。零终端信噪比的 v 预测模型常用 0.7；0：不收。',
  'field.cfgRescaleAs': '重缩放方式',
  'reason.cfgRescaleAs': 'diffusers 缩放模型的预测，ComfyUI 缩放 v。预测 v 的模型两者相同。',
  'field.clipSkip': 'CLIP 跳层',
  'reason.clipSkip': '读取文本编码器倒数第几层。动漫模型常用 2；SD 2 与 SDXL 本来就读第 2 层。',
  'prompt.tokens': '{tokens}/{room}',
  'prompt.tokens.why': '最后一段的词元数，以及一段能装多少。更长的提示词会切成几段，分别读取。',
  'prompt.chunks': '{n} 段',
  'prompt.border': '装不下了，在这里切开',
  'prompt.varies': '它在绘制中或随种子变化；按最长的计算。',
  'choice.emphasis.a1111-ignore': '按 A1111 的方式，不计权重',
  'choice.emphasis.a1111-no-norm': '按 A1111 的方式，不做归一',
} as const
