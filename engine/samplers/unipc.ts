// Zhao et al. 2023, "UniPC: A Unified Predictor-Corrector Framework", in its B(h) form, predicting the clean latent.
// Source: huggingface/diffusers, scheduling_unipc_multistep.py. Its letters: r the steps behind in units of h, B the scale of a step.
import { z } from 'zod'
import { combine } from '../processes/combine.ts'
import type { Level } from '../processes/process.ts'
import { multistep } from '../schedules/multistep.ts'
import type { Sampler } from './sampler.ts'
import { solved } from './solve.ts'

export const uniPcOptions = (usual: { readonly order: number; readonly solver: 'bh1' | 'bh2' }) =>
  z.object({
    solverOrder: z.int().min(1).max(3).default(usual.order).meta({ description: 'of how many steps', written: 'UniPC order', step: 1 }),
    solverType: z.enum(['bh1', 'bh2']).default(usual.solver).meta({
      description: 'the scale of a step: bh1 for few of them without guidance, bh2 else',
      written: 'UniPC variant',
    }),
  })

const options = uniPcOptions({ order: 2, solver: 'bh2' })

export const uniPc: Sampler<typeof options> = {
  name: 'unipc',
  title: 'UniPC (diffusers)',
  written: 'UniPC (diffusers)',
  schedule: multistep,
  aliases: ['UniPC', 'unipc', 'uni_pc_bh2', 'UniPCMultistepScheduler'],
  coordinates: 'scaled',
  options,
  as: { comfyui: { solverOrder: 3 } },
  async *sample({ start, steps, count }, { solverOrder, solverType: solver }) {
    let x = start
    // The latest first.
    let known: Known[] = []
    let last: { readonly x: Float32Array; readonly order: number } | undefined
    let warm = 0
    for (const { at, next, denoise, done } of steps()) {
      const { denoised } = await denoise(x)
      if (at.ratio === next.ratio) {
        yield done(x, denoised)
        continue
      }
      // The corrector takes the step before once more, now that its end is known.
      if (last) x = taken(last.x, known, at, { order: last.order, solver, end: denoised })
      known = [{ at, denoised }, ...known].slice(0, solverOrder)
      const state = done(x, denoised)
      // Lower orders at both ends: there is nothing behind the first step, and the last goes to no noise.
      const now = Math.min(solverOrder, count - state.step, warm + 1)
      last = { x, order: now }
      x = taken(x, known, next, { order: now, solver })
      warm++
      yield { ...state, latents: x }
    }
    return x
  },
}

interface Known {
  readonly at: Level
  readonly denoised: Float32Array
}
interface Taken {
  readonly order: number
  readonly solver: 'bh1' | 'bh2'
  /** The clean latent at the end of the step, for the corrector. */
  readonly end?: Float32Array
}

/** A step from a state of the first of `known` to a level. */
function taken(x: Float32Array, known: readonly Known[], to: Level, { order, solver, end }: Taken): Float32Array {
  const [first, ...behind] = known
  if (!first) return x
  const h = Math.log(first.at.ratio / to.ratio)
  const phi1 = Math.expm1(-h)
  const B = solver === 'bh1' ? -h : phi1
  const used = behind.slice(0, order - 1)
  const r = used.map(({ at }) => -Math.log(at.ratio / first.at.ratio) / h)
  const rho = weights([...r, 1], B, h, order, end !== undefined)
  // Without noise at its end B(h) of bh1 has no bounds, and there is nothing to weigh.
  const scale = (k: number): number => (rho[k] === undefined ? 0 : -to.alpha * B * (rho[k] ?? 0))
  const changes = used.map(({ denoised }, k) => [scale(k) / (r[k] ?? NaN), denoised] as const)
  const ended = end ? [[scale(used.length), end] as const] : []
  const own = [...changes, ...ended].reduce((sum, [weight]) => sum + weight, 0)
  return combine([to.s / first.at.s, x], [-to.alpha * phi1 - own, first.denoised], ...changes, ...ended)
}

/** ρ, of the changes since the steps behind, and of the corrector's own at the last place. */
function weights(r: readonly number[], B: number, h: number, order: number, correcting: boolean): readonly number[] {
  // Both are so in the source: the exact solutions differ a little.
  if (correcting ? order === 1 : order === 2) return [0.5]
  const b: number[] = []
  let factorial = 1
  let phi = Math.expm1(-h) / -h - 1
  for (let i = 1; i <= order; i++) {
    b.push((phi * factorial) / B)
    factorial *= i + 1
    phi = phi / -h - 1 / factorial
  }
  const size = correcting ? order : order - 1
  const rows = Array.from({ length: size }, (_, i) => r.slice(0, size).map((value) => value ** i))
  return solved(rows, b.slice(0, size))
}
