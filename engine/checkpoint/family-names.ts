// Written by build/write-indexes.ts; do not edit. The families that a checkpoint is tried against.
export const familyNames = ['sd1', 'sd2', 'sdxl'] as const
