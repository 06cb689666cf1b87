// Words for a run that is paused and drawn with.
export const enPause = {
  'generate.stack.paused': 'Run {name}, step {step} (paused)',
  'generate.stack.paused.gone': 'This run is not paused any more',
  'train.draw': 'Draw with it',
  'train.loaded': 'model stays loaded',
} as const
