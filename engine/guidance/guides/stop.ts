// Guidance over a part of the way: Kynkäänniemi et al. 2024, arXiv 2404.07724; which steps it takes, as diffusers' guiders count them with `start`
// and `stop`.
import type { Guide } from '../guide.ts'

export const stop: Guide = {
  name: 'stop',
  place: 9,
  wrap(inner, { guidanceStart, guidanceStop, steps }, { last }) {
    const [first, end] = [Math.floor(guidanceStart * steps), Math.floor(guidanceStop * steps)]
    return async (x, timestep, step) => {
      if (step >= first && step < end) return inner(x, timestep, step)
      const output = await last(x, timestep)
      return { output, prompt: output }
    }
  },
}
