// LoRA Switch: at step t only the LoRA number ⌊t / τ⌋ mod k acts. Zhong et al. 2024, "Multi-LoRA Composition for Image Generation", arXiv 2402.16843,
// section 3.2. Its code takes turns after τ = 5 of 200 steps; of twenty, that is every step or two.
import { z } from 'zod'
import type {} from '../../requests/option.ts'
import type { Composition } from '../composition.ts'

const options = z.object({
  switchEvery: z.int().min(1).max(1000).default(1).meta({
    description: 'steps that an adapter has before the next takes its turn',
    step: 1,
    written: 'LoRA Switch steps',
  }),
})

export const switchTurns: Composition<typeof options> = {
  name: 'switch',
  title: 'LoRA Switch',
  sentence: 'They take turns step by step, each at its whole strength: none disturbs another within a step.',
  options,
  shares:
    ({ entries }, { switchEvery }) =>
    (entry, _path, { step }) =>
      entries[Math.floor(step / switchEvery) % entries.length] === entry ? 1 : 0,
}
