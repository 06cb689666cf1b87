// Written by build/write-indexes.ts; do not edit. One way of merging adapters a file.
export const mergeMethodNames = ['concat', 'linear', 'svd'] as const
