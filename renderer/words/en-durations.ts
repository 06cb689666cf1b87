// Words for how long a run goes on.
export const enDurations = {
  'train.length': 'How long',
  'train.length.by': 'How long: {field}',
  'field.epochs': 'Epochs',
  'reason.epochs': 'How often the whole set is seen, each picture as often as its repeats say. The forecast says how many steps that is.',
  'field.minutes': 'Minutes',
  'reason.minutes':
    'The run ends with the first step after so many minutes of steps; preparing and samples come on top. The learning rate needs a course without an end: constant or inverse root.',
} as const
