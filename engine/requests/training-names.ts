// Written by build/write-indexes.ts; do not edit. What a training request may name.
export const variantNames = ['dora', 'ia3', 'loha', 'lokr', 'lora', 'oft'] as const
export const startNames = ['gaussian', 'olora', 'orthogonal', 'pissa', 'standard', 'svd-down'] as const
export const baseWeightsNames = ['nf4', 'stored'] as const
export const methodNames = ['adalora', 'adapter', 'dylora', 'full', 'lora-fa', 't-lora'] as const
export const optimizerNames = [
  'adafactor',
  'adamw',
  'adamw-8bit',
  'lion',
  'lion-8bit',
  'muon',
  'paged-adamw',
  'paged-adamw-8bit',
  'prodigy',
  'schedule-free',
  'sgd',
] as const
export const lossNames = ['blend', 'huber', 'l1', 'l2', 'smooth-l1'] as const
export const objectiveNames = ['epsilon', 'v', 'x0'] as const
export const maskedLossNames = ['alpha', 'folder', 'sidecar'] as const
export const lossWeightNames = ['constant', 'debiased', 'min-snr', 'p2', 'soft-min-snr'] as const
export const courseNames = [
  'constant',
  'cosine',
  'cosine-min',
  'cosine-restarts',
  'inverse-sqrt',
  'linear',
  'one-cycle',
  'polynomial',
  'warmup-stable-decay',
] as const
export const timestepDrawNames = [
  'beta',
  'cos-map',
  'heavy-tail',
  'inverted-parabola',
  'logistic',
  'logit-normal',
  'sigmoid',
  'uniform',
] as const
export const preservationNames = ['output', 'pictures'] as const
