// Liu et al. 2022, "Pseudo Numerical Methods for Diffusion Models", without its Runge–Kutta start: the answers of the last four steps, weighed as
// Adams and Bashforth do, and DDIM's step by them. One call more than steps: the first step is taken twice.
// Source: huggingface/diffusers, scheduling_pndm.py (skip_prk_steps), after CompVis/latent-diffusion, ldm/models/diffusion/plms.py.
import { combine } from '../processes/combine.ts'
import { strided } from '../schedules/strided.ts'
import type { Sampler } from './sampler.ts'

const adamsBashforth = [[1], [3 / 2, -1 / 2], [23 / 12, -16 / 12, 5 / 12], [55 / 24, -59 / 24, 37 / 24, -9 / 24]] as const

export const pndm: Sampler = {
  name: 'pndm',
  title: 'PLMS',
  written: 'PLMS',
  schedule: strided,
  aliases: ['PNDM', 'k_plms', 'PNDMScheduler'],
  coordinates: 'scaled',
  async *sample({ process, pointed, start, steps }) {
    let x = start
    // The latest first.
    let answers: Float32Array[] = []
    for (const { at, next, denoise, done } of steps()) {
      const moved = (answer: Float32Array): Float32Array =>
        combine([next.alpha, pointed(x, answer, at)], [next.s, process.noiseIn(x, answer, at)])
      const { output, denoised } = await denoise(x)
      answers = [output, ...answers].slice(0, 4)
      if (answers.length === 1 && next.timestep >= 0) {
        const second = await denoise(moved(output), next)
        x = moved(combine([0.5, output], [0.5, second.output]))
      } else {
        const weights = adamsBashforth[answers.length - 1] ?? [1]
        x = moved(combine(...answers.map((answer, k) => [weights[k] ?? 0, answer] as const)))
      }
      yield done(x, denoised)
    }
    return x
  },
}
