// 训练目标（损失、噪声、时间步、蒙版）的错误。
export const zhObjectiveErrors: Readonly<Record<string, string>> = {
  'loss-blend-empty': '损失“blend”的各项强度都为 0，什么也学不到。请至少让其中一项的强度大于 0。',
  'field-needs': '没有“{needs}”，“{field}”就不起作用。请一并填写“{needs}”，或去掉“{field}”。',
  'timestep-range': '从 {from} 到 {to} 之间没有时间步，什么也学不到。请让下限小于上限。',
  'masks-missing': '“{directory}”中的 {pictures} 张图片都没有蒙版。请把蒙版放到相应位置，或不用蒙版训练。',
  'mask-size': '蒙版“{mask}”与图片“{path}”大小不同。请按图片的大小另存蒙版，或把它拿走。',
  'mask-missing': '{pictures} 张图片中有 {without} 张没有蒙版，会整张学习。如不是有意，请补上蒙版。',
  'mask-folder-missing': '找不到蒙版文件夹。请填写存在的文件夹，或改选别的蒙版来源。',
  'zero-snr-prediction': '零终端 SNR 下，最后一步只有噪声，预测 ε 的模型学不到图片。请同时选择预测 v，或不用零终端 SNR。',
  'adapter-schedule': '“{file}”是以零终端 SNR 训练的，而模型绘图时没有用它。请用 --zero-terminal-snr 绘制，否则图片会偏灰。',
}
