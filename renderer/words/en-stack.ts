// Words for strengths over the steps and for how adapters act together.
export const enStack = {
  'field.composition': 'Act together',
  'reason.composition':
    'Sum: all at once, as other programs do. LoRA Switch: in turns, step by step. LoRA Composite: each alone, then averaged, a run for each. K-LoRA: two of them, the subject first; each layer has the stronger one.',
  'choice.composition.sum': 'Sum',
  'choice.composition.switch': 'LoRA Switch',
  'choice.composition.composite': 'LoRA Composite',
  'choice.composition.k-lora': 'K-LoRA',
  'field.switchEvery': 'Steps of a turn',
  'reason.switchEvery': 'So many steps an adapter has before the next one has its turn.',
  'field.kloraAlpha': 'Style gains (α)',
  'reason.kloraAlpha': 'How much more the second adapter counts at the last step than at the first.',
  'field.kloraBeta': 'Style at first (β)',
  'reason.kloraBeta': 'What the second adapter counts at the first step. Below 1 the first adapter has more layers.',
  'field.kloraWrap': 'Begin again (s*)',
  'reason.kloraWrap':
    'What the style counts begins at 0 again once it reaches α: more of the style in the picture as a whole. With β 0.85 α.',
} as const
