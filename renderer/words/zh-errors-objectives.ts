// 训练目标（损失、噪声、时间步、蒙版）的错误。
export const zhObjectiveErrors: Readonly<Record<string, string>> = {
  'loss-blend-empty': '损失“blend”的各项强度都为 0，什么也学不到。请至少让其中一项的强度大于 0。',
  'field-needs': '没有“{needs}”，“{field}”就不起作用。请一并填写“{needs}”，或去掉“{field}”。',
  'timestep-range': '从 {from} 到 {to} 之间没有时间步，什么也学不到。请让下限小于上限。',
}
