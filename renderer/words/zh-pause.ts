// 暂停的训练，以及用它绘图。
export const zhPause = {
  'generate.stack.paused': '训练“{name}”第 {step} 步（已暂停）',
  'generate.stack.paused.gone': '这次训练已不在暂停中',
  'train.draw': '用它绘图',
  'train.loaded': '模型仍在内存中',
} as const
