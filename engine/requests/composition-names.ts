// Written by build/write-indexes.ts; do not edit. One way of composing adapters a file.
export const compositionNames = ['composite', 'k-lora', 'sum', 'switch'] as const
