// Guidance without the contrast that it adds: φ·ε_cfg·σ(ε₊)/σ(ε_cfg) + (1 − φ)·ε_cfg, Lin et al. 2023, arXiv 2305.08891, equations 15 and 16.
// diffusers (rescale_noise_cfg) does so with what the model predicts, ComfyUI (comfy_extras/nodes_model_advanced.py, RescaleCFG) with v.
import type { Level } from '../../processes/process.ts'
import type { Guide, Guided } from '../guide.ts'

export const rescale: Guide = {
  name: 'rescale',
  // Behind what it takes back, before adapters that are guided apart.
  place: 1.5,
  wrap(inner, { cfgRescale: phi, cfgRescaleAs: as }, { pictures, process }) {
    if (phi === 0) return inner
    const throughV = as === 'comfyui' && process.prediction === 'epsilon'
    return async (x, timestep, step) => {
      const passes = await inner(x, timestep, step)
      if (!passes.negative) return passes
      if (!throughV) return { ...passes, output: rescaled(passes, phi, pictures) }
      const level = process.level(process.sigmaAt(timestep, 'logarithmic'), timestep)
      const v = rescaled({ output: asV(passes.output, x, level), prompt: asV(passes.prompt, x, level) }, phi, pictures)
      return { ...passes, output: v.map((value, i) => level.alpha * value + level.s * (x[i] ?? 0)) }
    }
  },
}

/** v = α·ε − s·x₀ of the picture x = α·x₀ + s·ε. */
const asV = (noise: Float32Array, x: Float32Array, { alpha, s }: Level): Float32Array =>
  noise.map((value, i) => (value - s * (x[i] ?? 0)) / alpha)

function rescaled({ output, prompt }: Pick<Guided, 'output' | 'prompt'>, phi: number, pictures: number): Float32Array {
  const size = output.length / pictures
  const scales = Array.from({ length: pictures }, (_, n) => {
    const [guided, said] = [output, prompt].map((all) => deviation(all.subarray(n * size, (n + 1) * size))) as [number, number]
    return guided === 0 ? 1 : (phi * said) / guided + 1 - phi
  })
  return output.map((value, i) => value * (scales[Math.floor(i / size)] ?? 1))
}

function deviation(values: Float32Array): number {
  let mean = 0
  for (const value of values) mean += value / values.length
  let sum = 0
  for (const value of values) sum += (value - mean) ** 2
  return Math.sqrt(sum / values.length)
}
