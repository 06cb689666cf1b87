// 训练要减小什么：损失、噪声、时间步、蒙版，以及各自的选项。
import type { enObjectives } from './en-objectives.ts'

export const zhObjectives: Readonly<Record<keyof typeof enObjectives, string>> = {
  'field.loss': '损失函数',
  'reason.loss': '怎样衡量回答与目标的距离。未设时：L2，即平方的平均。',
  'field.huberSchedule': '阈值随噪声变化',
  'reason.huberSchedule': 'snr 与 exponential 在噪声越大时对离群值越宽容；constant 处处相同。',
  'field.huberC': '阈值 c',
  'reason.huberC': '超过它的误差计入较少。随噪声变化时指噪声最大处的值，否则处处如此；常用 0.1。',
  'field.huberScale': '阈值倍数',
  'reason.huberScale': '仅用于 constant 与 exponential。',
  'field.mse': '平方（MSE）',
  'reason.mse': '平方平均的强度。',
  'field.mae': '绝对值（MAE）',
  'reason.mae': '绝对值平均的强度。',
  'field.logCosh': 'Log-cosh',
  'reason.logCosh': 'log cosh 的强度：由平方过渡到绝对值。',
  'field.huberStrength': 'Huber',
  'reason.huberStrength': 'Huber 的强度；在 delta 以内是平方的一半。',
  'field.huberDelta': 'Huber delta',
  'reason.huberDelta': 'Huber 从平方过渡到绝对值之处。',
  'choice.snr': 'SNR',
  'choice.exponential': '指数',
}
