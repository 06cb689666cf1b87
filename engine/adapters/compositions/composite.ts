// LoRA Composite: the model is asked under each LoRA alone, and what they say is averaged, of both prompts. Zhong et al. 2024, "Multi-LoRA Composition
// for Image Generation", arXiv 2402.16843, section 3.3, with equal weights, as in its code.
import type { Composition } from '../composition.ts'

export const composite: Composition = {
  name: 'composite',
  title: 'LoRA Composite',
  sentence: 'The model is asked under each of them alone and the answers are averaged: a step takes as many runs as there are adapters.',
  passes: (count) => count,
  shares:
    ({ entries }) =>
    (entry, _path, { pass = 0 }) =>
      entries[pass] === entry ? 1 : 0,
}
