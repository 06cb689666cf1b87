// 生成页画布的错误。
export const zhErrorsCanvas = {
  'start-picture-missing': '还没有起始图。请选择一张，或切换到“文字”。',
  'mask-missing': '还没有涂抹任何地方，没有要重画的部分。请涂抹要改的地方，或切换到“图片”。',
} as const
