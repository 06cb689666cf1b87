// As each variant begins by itself: for LoRA a random A and a B of zeros, so that nothing is changed at first.
import { z } from 'zod'
import type { PairStart } from './start.ts'

export const standard: PairStart = {
  name: 'standard',
  title: 'Standard',
  sentence: 'Begins as the chosen kind of adapter does by itself, changing nothing at first: the usual, and right for nearly all.',
  options: z.object({}),
}
