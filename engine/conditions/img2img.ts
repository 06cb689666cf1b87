// Image to image: a picture under noise in place of noise alone (Meng et al. 2021, SDEdit, arXiv 2108.01073).
import { z } from 'zod'
import type { Size } from '../images/model-range.ts'
import { PigmentError } from '../requests/error.ts'
import { encodePicture } from '../sessions/encode.ts'
import type { Condition, StepPlan } from './condition.ts'

const options = z.object({
  initImage: z.string().min(1).max(4096).meta({
    description: 'picture to begin with, in place of noise alone',
    placeholder: 'FILE',
    level: 'basic',
    path: 'picture',
    written: false,
    axis: false,
  }),
  denoisingStrength: z.number().positive().max(1).default(0.75).meta({
    description: 'how much of the picture to begin with is drawn anew; 1 leaves nothing of it',
    placeholder: 'X',
    level: 'basic',
    step: 0.05,
    written: 'Denoising strength',
  }),
  strengthSteps: z
    .enum(['a1111', 'exact', 'diffusers'])
    .default('a1111')
    .meta({
      description: 'a1111: strength × steps and one more are taken; exact: all steps are; diffusers: strength × steps',
      placeholder: 'NAME',
      written: 'Strength steps',
      spelt: { a1111: 'A1111', exact: 'Exact', diffusers: 'diffusers' },
      axis: false,
    }),
  initResize: z
    .enum(['stretch', 'crop', 'fill'])
    .default('stretch')
    .meta({
      description:
        'how the picture to begin with comes to size: its shape changes, what lies over the sides is cut off, or what is missing there is filled with the colours of its borders',
      placeholder: 'NAME',
      written: 'Resize mode',
      spelt: { stretch: 'Just resize', crop: 'Crop and resize', fill: 'Resize and fill' },
      axis: false,
    }),
})

export const img2img: Condition<typeof options> = {
  name: 'img2img',
  options,
  by: 'initImage',
  plan: ({ denoisingStrength, strengthSteps }, steps) => rules[strengthSteps](denoisingStrength, steps),
  async prepare(model, { initImage, initResize }, frame) {
    // Native code, and only where it is needed: whoever asks for the options has none.
    const [{ readPicture }, { fitted }, { toModelRange }] = await Promise.all([
      import('../images/picture.ts'),
      import('../images/fit-picture.ts'),
      import('../images/model-range.ts'),
    ])
    const size: Size = { width: frame.width, height: frame.height }
    const picture = await fitted(await readPicture(initImage), size, initResize)
    // The mean: a draw of the autoencoder's would make one picture several.
    const { mean } = await encodePicture(model, await toModelRange(picture, size, { resized: size }), size)
    return { start: mean }
  },
}

/** A1111 (`setup_img2img_steps`) takes at most 0.999 of the steps and one more. */
export const a1111Steps = (strength: number, steps: number): StepPlan => ({
  steps,
  first: steps - 1 - Math.floor(Math.min(strength, 0.999) * steps),
})

const rules: Readonly<Record<z.output<typeof options>['strengthSteps'], (strength: number, steps: number) => StepPlan>> = {
  a1111: a1111Steps,
  exact(strength, wanted) {
    const steps = Math.max(wanted, Math.floor(wanted / Math.min(strength, 0.999)))
    return { steps, first: steps - wanted }
  },
  diffusers(strength, steps) {
    const taken = Math.min(Math.floor(steps * strength), steps)
    if (taken > 0) return { steps, first: steps - taken }
    throw new PigmentError(
      'condition-no-steps',
      `A denoising strength of ${strength} of ${steps} steps leaves no step to take. Take at least ${Math.ceil(1 / strength)} steps, or more strength.`,
      { strength, steps, least: Math.ceil(1 / strength) },
    )
  },
}
