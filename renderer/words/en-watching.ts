// Words for how a run is watched: pictures that it does not see, and what follows from them.
export const enWatching = {
  'field.heldOutCount': 'Held-out pictures',
  'reason.heldOutCount':
    'So many pictures, spread over the set, are measured and not learnt: they show when a run begins to copy. Empty: none.',
  'field.heldOutFolder': 'Folder of held-out pictures',
  'reason.heldOutFolder': 'Pictures with captions that are measured and not learnt, in place of some of the set.',
  'field.validateEvery': 'Measure every (validation)',
  'reason.validateEvery':
    'Steps between measurements on held-out pictures, and at the end. They cost time and change nothing that is learnt. Empty: never.',
  'field.patience': 'Stop on a plateau after',
  'reason.patience': 'The run ends once so many measurements in a row were no better than the best. Empty: all steps are made.',
  'field.minDelta': 'Better by at least',
  'reason.minDelta': 'Share of the best loss by which a measurement must be lower to count as better.',
  'field.keep': 'Weights to keep',
  'reason.keep': 'The last ones, or those of the step that held-out pictures recommend.',
  'choice.last': 'the last',
  'choice.best': 'the recommended',
  'field.diagnosticsEvery': 'Diagnostics every',
  'reason.diagnosticsEvery':
    'Steps between looks at gradients and updates by block, use of the ranks, layers that do not learn, and the loss by picture. Empty: never.',
} as const
