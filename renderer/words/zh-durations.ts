// 训练多久。
export const zhDurations = {
  'train.length': '训练多久',
  'train.length.by': '训练多久：{field}',
  'field.epochs': '轮数（epoch）',
  'reason.epochs': '整个图片集看多少遍，每张图片每遍按其重复次数出现。预估里会写出这是多少步。',
  'field.minutes': '分钟',
  'reason.minutes': '训练步用满这么多分钟后，在下一步结束；准备和出样图另计。学习率的走向要不依赖总长：恒定或反平方根。',
} as const
