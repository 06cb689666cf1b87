// Written by build/write-indexes.ts; do not edit. One way of merging adapters a file.
import type { MergeMethod } from '../method.ts'
import { concat } from './concat.ts'
import { linear } from './linear.ts'
import { svd } from './svd.ts'

export const mergeMethods: readonly MergeMethod[] = [concat, linear, svd]
