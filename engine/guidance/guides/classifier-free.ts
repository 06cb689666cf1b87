// ε = ε₋ + g (ε₊ − ε₋), Ho and Salimans 2022, arXiv 2207.12598, in the model's own prediction type.
import type { Guide } from '../guide.ts'

export const classifierFree: Guide = {
  name: 'classifier-free',
  place: 1,
  wrap:
    (inner, { cfg }) =>
    async (x, timestep, step) => {
      const passes = await inner(x, timestep, step)
      const { prompt, negative } = passes
      return negative ? { ...passes, output: negative.map((value, i) => value + cfg * ((prompt[i] ?? 0) - value)) } : passes
    },
}
