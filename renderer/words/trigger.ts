// Words of vectors that a trigger word stands for (textual inversion). One file for both languages.
export const enTrigger = {
  'field.triggerVectors': 'Trigger vectors (textual inversion)',
  'reason.triggerVectors':
    'Learns so many vectors for the trigger word, beside the adapter, or alone where the UNet rate is 0. 1 to 8 are usual. Left empty: none.',
  'field.triggerStart': 'Trigger begins as',
  'reason.triggerStart': 'Words that the trigger is one of, in English, such as “ink drawing”. Left empty: “style”.',
  'field.triggerRandom': 'Trigger begins at random',
  'reason.triggerRandom': 'Its vectors begin at random, as large as those of the vocabulary, in place of words.',
  'field.triggerRate': 'Trigger rate (embedding_lr)',
  'reason.triggerRate': 'Learning rate of the vectors of the trigger word. Left empty: 0.005.',
  'field.triggerSteps': 'Trigger steps (pivotal tuning)',
  'reason.triggerSteps': 'Steps in which the vectors learn; afterwards the adapter goes on with them as they are. Left empty: all.',
  'field.triggerNorm': 'Trigger keeps its length',
  'reason.triggerNorm':
    'After each step the vectors are made as long as the middle one of the vocabulary, so that they stay words among words.',
} as const

export const zhTrigger: Readonly<Record<keyof typeof enTrigger, string>> = {
  'field.triggerVectors': '触发词向量（文本反演）',
  'reason.triggerVectors': '为触发词学习这么多个向量：与适配器一起学，或在 UNet 学习率为 0 时单独学。常用 1 到 8 个。留空则不学。',
  'field.triggerStart': '触发词的起点',
  'reason.triggerStart': '触发词属于哪一类，用英文写，例如“ink drawing”。留空为“style”。',
  'field.triggerRandom': '触发词随机起步',
  'reason.triggerRandom': '向量不从词语开始，而是随机开始，大小与词表中的向量相当。',
  'field.triggerRate': '触发词学习率（embedding_lr）',
  'reason.triggerRate': '触发词向量的学习率。留空为 0.005。',
  'field.triggerSteps': '触发词学习步数（pivotal tuning）',
  'reason.triggerSteps': '只在这些步中学习向量；之后向量不变，适配器继续学习。留空则全程学习。',
  'field.triggerNorm': '触发词保持长度',
  'reason.triggerNorm': '每一步之后把向量调成词表向量的中位长度，使它们仍像普通的词。',
}

export const zhTriggerErrors: Readonly<Record<string, string>> = {
  'trigger-word': '要学习 {vectors} 个触发词向量，却没有触发词。请填写一个没有其他用途的触发词。',
  'trigger-start': '“{word}”的向量不能既从“{start}”开始又随机开始。请去掉其中一项。',
  'trigger-start-unread': '“{word}”的向量不能从“{start}”开始：这个模型的词表里没有这样的词。请改用英文词，或随机起步。',
  'trigger-members': '触发词向量不能由 {members} 个成员分担：每个成员会各有一套，平均后都不再适用。请把成员数设为 1。',
  'trigger-method': '训练方法“{method}”会改变模型本身，而触发词向量属于不变的模型。请把触发词向量留空，或换一种方法。',
  'trigger-room': '要学习 {vectors} 个触发词向量，而这个模型的一段提示词只能容纳 {room} 个。请减少；常用 1 到 8 个。',
}
