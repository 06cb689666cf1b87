// 训练过程的观察：不参与训练的图片，以及由此得出的结论。
export const zhWatching = {
  'field.heldOutCount': '留出的图片数',
  'reason.heldOutCount': '从整个图片集中均匀留出这么多张，只测量、不学习：由此看出训练何时开始照抄。留空则不留。',
  'field.heldOutFolder': '留出图片的文件夹',
  'reason.heldOutFolder': '带标注的图片，只测量、不学习，代替从图片集中留出。',
  'field.validateEvery': '测量间隔（验证）',
  'reason.validateEvery': '每隔多少步在留出的图片上测量一次，结束时也测量。要花些时间，不改变学到的任何东西。留空则不测量。',
  'field.patience': '停滞几次后停止',
  'reason.patience': '连续这么多次测量都不比最好的一次更好时，训练结束。留空则走完所有步数。',
  'field.minDelta': '至少好多少',
  'reason.minDelta': '一次测量的损失要比最好的低出这个比例，才算更好。',
  'field.keep': '保留哪些权重',
  'reason.keep': '最后的权重，或留出图片所推荐的那一步的权重。',
  'choice.last': '最后的',
  'choice.best': '推荐的',
  'field.diagnosticsEvery': '诊断间隔',
  'reason.diagnosticsEvery': '每隔多少步查看各块的梯度与更新、秩的使用、不学习的层，以及每张图片的损失。留空则不查看。',
} as const
