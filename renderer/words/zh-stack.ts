// 强度随步数的变化，以及多个适配器如何共同起作用。
export const zhStack = {
  'field.composition': '共同作用方式',
  'reason.composition':
    '相加：同时起作用，与其他程序相同。LoRA Switch：按步轮流。LoRA Composite：各自单独询问再取平均，每个适配器一次。K-LoRA：两个适配器，主体在前；每层由较强的一个起作用。',
  'choice.composition.sum': '相加',
  'choice.composition.switch': 'LoRA Switch（轮流）',
  'choice.composition.composite': 'LoRA Composite（平均）',
  'choice.composition.k-lora': 'K-LoRA（逐层选择）',
  'field.switchEvery': '每轮步数',
  'reason.switchEvery': '一个适配器作用这么多步，再轮到下一个。',
  'field.kloraAlpha': '风格增长（α）',
  'reason.kloraAlpha': '到最后一步时，第二个适配器比第一步时多算多少。',
  'field.kloraBeta': '风格起点（β）',
  'reason.kloraBeta': '第一步时第二个适配器算多少。小于 1 时第一个适配器占更多层。',
  'field.kloraWrap': '回到起点（s*）',
  'reason.kloraWrap': '风格的分量达到 α 后从 0 重新开始：整张图的风格更多。β 取 0.85 α。',
} as const
