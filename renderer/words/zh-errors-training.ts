// 训练界面（预设、保留的步）的错误说明。

export const zhTrainingErrors: Readonly<Record<string, string>> = {
  'presets-full': '预设已有 {most} 个。请先删除一个不用的。',
  'step-not-kept': '第 {step} 步的权重没有保存。训练照常进行；请看记录里的原因。',
  'steps-too-few': '“{title}”除最后一步外没有保留其他步，无法取平均。请在训练时出样图，或在终端里用 --keep-every。',
  'step-unknown': '第 {step} 步的权重不在。请选择其他步：{steps}。',
}
