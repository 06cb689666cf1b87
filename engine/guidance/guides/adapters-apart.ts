// With adapters guided apart, ε of the model alone + s (ε_adapters − ε₊), as InstructPix2Pix guides by picture and text (Brooks et al. 2023,
// arXiv 2211.09800, equation 3). ComfyUI's DualCFGGuider (style "regular", its cfg_conds being s) makes the same sum.
import type { Guide } from '../guide.ts'

export const adaptersApart: Guide = {
  name: 'adapters-apart',
  place: 2,
  wrap(inner, { adapterGuidance }, { adapted }) {
    if (!adapted) return inner
    return async (x, timestep, step) => {
      const passes = await inner(x, timestep, step)
      const { prompt } = passes
      const under = await adapted(x, timestep)
      return { ...passes, output: passes.output.map((value, i) => value + adapterGuidance * ((under[i] ?? 0) - (prompt[i] ?? 0))) }
    }
  },
}
