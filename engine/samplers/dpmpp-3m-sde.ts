// DPM-Solver++(3M) of the stochastic equation: the clean latent extrapolated from three steps.
// Source: crowsonkb/k-diffusion, k_diffusion/sampling.py (sample_dpmpp_3m_sde).
import { combine } from '../processes/combine.ts'
import { exponential } from '../schedules/exponential.ts'
import { discardOption } from './discarding.ts'
import type { Sampler } from './sampler.ts'
import { freshNoise, sdeOptions } from './sde-options.ts'

// A1111 leaves the level out, ComfyUI does not.
const options = sdeOptions.extend({ discard: discardOption(true) })

export const dpmpp3mSde: Sampler<typeof options> = {
  name: 'dpmpp-3m-sde',
  title: 'DPM++ 3M SDE',
  written: 'DPM++ 3M SDE',
  schedule: exponential,
  automatic: exponential,
  aliases: ['dpmpp_3m_sde', 'dpmpp_3m_sde_gpu'],
  coordinates: 'straight',
  options,
  as: { comfyui: { discard: false } },
  discards: ({ discard }) => discard,
  async *sample({ start, steps }, { eta, s_noise }) {
    let x = start
    // The latest first.
    let before: { readonly denoised: Float32Array; readonly h: number }[] = []
    for (const { at, next, denoise, path, done } of steps()) {
      const { denoised } = await denoise(x)
      // With nearly as many steps as timesteps two of them round to one: such a step changes nothing.
      if (at.sigma === next.sigma) {
        yield done(x, denoised)
        continue
      }
      if (next.sigma > 0) {
        const h = Math.log(at.sigma / next.sigma)
        const whole = h * (1 + eta)
        const [one, two] = before
        x = combine(
          [Math.exp(-whole), x],
          [-Math.expm1(-whole), denoised],
          ...changes(whole, h, denoised, one, two),
          ...(eta > 0 ? [[next.sigma * freshNoise(h, eta) * s_noise, path(at, next)] as const] : []),
        )
        before = [{ denoised, h }, ...before].slice(0, 2)
      } else x = denoised
      yield done(x, denoised)
    }
    return x
  },
}

type Before = { readonly denoised: Float32Array; readonly h: number } | undefined
type Term = readonly [coefficient: number, values: Float32Array]

/** What the changes of the clean latent add: φ₂ times its slope, and less φ₃ times its bend. */
function changes(whole: number, h: number, denoised: Float32Array, one: Before, two: Before): Term[] {
  if (!one) return []
  const phi2 = Math.expm1(-whole) / whole + 1
  const r0 = one.h / h
  if (!two)
    return [
      [phi2 / r0, denoised],
      [-phi2 / r0, one.denoised],
    ]
  const phi3 = phi2 / whole - 0.5
  const r1 = two.h / h
  // d₁ = d₁₀ + (d₁₀ − d₁₁)·r₀/(r₀ + r₁) and d₂ = (d₁₀ − d₁₁)/(r₀ + r₁), by their shares of d₁₀ and d₁₁.
  const bend = (phi2 * r0 - phi3) / (r0 + r1)
  const [d10, d11] = [(phi2 + bend) / r0, -bend / r1]
  return [
    [d10, denoised],
    [d11 - d10, one.denoised],
    [-d11, two.denoised],
  ]
}
