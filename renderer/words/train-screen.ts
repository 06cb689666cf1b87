// Words of the Train screen for further sets, diagnostics and presets of one's own, and of a size that is far from the model's. One file for both languages.
export const enTrainScreen = {
  'train.family.embedded': 'the embedded model',
  'train.preset.elsewhere': 'Your own, made for {made}. This model is of another kind ({now}): rate, ranks and size may not suit it.',
  'generate.size-far': 'Far from the {side} px that this model was made for: shapes are doubled or fall apart.',
  'generate.size-near': 'Take {width} × {height}',
} as const

export const zhTrainScreen: Readonly<Record<keyof typeof enTrainScreen, string>> = {
  'train.family.embedded': '内置模型',
  'train.preset.elsewhere': '自己的预设，为 {made} 所设。当前模型属于另一种（{now}）：学习率、秩和尺寸可能不合适。',
  'generate.size-far': '与这个模型适合的 {side} 像素相差太大：形状会重复或散架。',
  'generate.size-near': '改用 {width} × {height}',
}
