// Written by build/write-indexes.ts; do not edit. One guide a file.
import type { Guide } from '../guide.ts'
import { adaptersApart } from './adapters-apart.ts'
import { classifierFree } from './classifier-free.ts'
import { rescale } from './rescale.ts'
import { stop } from './stop.ts'

export const guides: readonly Guide[] = [adaptersApart, classifierFree, rescale, stop]
