// Sabour et al. 2024, "Align Your Steps" (arXiv 2404.14507): eleven levels found for a family of models, and for other numbers of steps what lies between
// them by the logarithm. Sources: A1111 modules/sd_schedulers.py (get_align_your_steps_sigmas), which takes as many as there are steps and then none;
// comfyanonymous/ComfyUI, comfy_extras/nodes_align_your_steps.py, which takes one more and puts none in place of the last.
import { z } from 'zod'
import { dialect, through } from './dialect.ts'
import type { Schedule } from './schedule.ts'
import { checkSteps } from './timesteps.ts'

/** As A1111 has them, and for video, which A1111 has not, as ComfyUI does. */
const levels = {
  'stable-diffusion': [14.615, 6.475, 3.861, 2.697, 1.886, 1.396, 0.963, 0.652, 0.399, 0.152, 0.029],
  'stable-diffusion-xl': [14.615, 6.315, 3.771, 2.181, 1.342, 0.862, 0.555, 0.38, 0.234, 0.113, 0.029],
  'stable-video-diffusion': [700, 54.5, 15.886, 7.977, 4.248, 1.789, 0.981, 0.403, 0.173, 0.034, 0.002],
}
const finer = {
  ...levels,
  'stable-diffusion': [
    ...[14.6146412293, 6.4745760956, 3.8636745985, 2.694615152, 1.8841921177, 1.3943805092],
    ...[0.9642583904, 0.6523686016, 0.3977456272, 0.1515232662, 0.0291671582],
  ],
  'stable-diffusion-xl': [
    ...[14.6146412293, 6.3184485287, 3.7681790315, 2.1811480769, 1.3405244945, 0.8620721141],
    ...[0.5550693289, 0.3798540708, 0.2332364134, 0.1114188177, 0.0291671582],
  ],
}

const options = z.object({
  alignedFor: z.enum(['auto', 'stable-diffusion', 'stable-diffusion-xl', 'stable-video-diffusion']).default('auto').meta({
    description: 'the models that the levels were found for; auto: those of the model',
    written: 'AYS model',
  }),
  dialect,
})

export const alignYourSteps: Schedule<typeof options> = {
  name: 'align-your-steps',
  title: 'Align Your Steps',
  written: 'Align Your Steps',
  aliases: ['ays', 'AlignYourSteps'],
  kind: 'sigmas',
  options,
  grid(process, steps, { alignedFor, dialect: as }) {
    checkSteps(process.asked, steps)
    const comfy = as === 'comfyui'
    const table = (comfy ? finer : levels)[alignedFor === 'auto' ? (process.asked.alignedFor ?? 'stable-diffusion') : alignedFor]
    const sigmas = logLinear(table, comfy ? steps + 1 : steps)
    return through(process, [...(comfy ? sigmas.slice(0, -1) : sigmas), 0], as)
  },
}

/** `count` values of a falling list, both ends included; of one alone the first. */
function logLinear(values: readonly number[], count: number): number[] {
  return Array.from({ length: count }, (_, i) => {
    const place = count === 1 ? 0 : (i * (values.length - 1)) / (count - 1)
    const [low, weight] = [Math.floor(place), place % 1]
    const [a, b] = [values[low] ?? NaN, values[low + 1] ?? 1]
    return weight === 0 ? a : a * (b / a) ** weight
  })
}
