// Guidance over a part of the way: Kynkäänniemi et al. 2024, arXiv 2404.07724; which steps it takes, as diffusers' guiders count them with `stop`.
import type { Guide } from '../guide.ts'

export const stop: Guide = {
  name: 'stop',
  place: 9,
  wrap(inner, { guidanceStop, steps }, { last }) {
    const guidedSteps = Math.floor(guidanceStop * steps)
    return async (x, timestep, step) => {
      if (step < guidedSteps) return inner(x, timestep, step)
      const output = await last(x, timestep)
      return { output, prompt: output }
    }
  },
}
