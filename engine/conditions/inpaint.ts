// Inpainting: what a mask leaves free is drawn anew, the rest stays. After each answer of the network the clean latents outside
// the mask are those of the picture (A1111's `apply_blend`; for a sampler that draws no noise the same as diffusers', which puts the noised picture
// back after each step), and at the end the picture's own pixels are laid over. A model for inpainting also sees the mask and the
// picture without what is masked.
import { z } from 'zod'
import type { Mask } from '../images/mask.ts'
import type { Picture } from '../images/picture.ts'
import { takesMask } from '../models/masked-input.ts'
import { PigmentError } from '../requests/error.ts'
import { encodePicture } from '../sessions/encode.ts'
import type { Frame } from '../sessions/frame.ts'
import { maskedInput } from '../sessions/masked-input.ts'
import type { Condition, Prepared } from './condition.ts'
import { img2img } from './img2img.ts'

const options = z.object({
  mask: z.string().min(1).max(4096).meta({
    description: 'picture as large as the one to begin with: what is white in it is drawn anew, what is black stays',
    placeholder: 'FILE',
    level: 'basic',
    path: 'picture',
    written: false,
    axis: false,
  }),
  maskMode: z
    .enum(['masked', 'unmasked'])
    .default('masked')
    .meta({
      description: 'which side of the mask is drawn anew',
      placeholder: 'NAME',
      written: 'Mask mode',
      spelt: { masked: 'Inpaint masked', unmasked: 'Inpaint not masked' },
      axis: false,
    }),
  maskBlur: z.number().min(0).max(64).default(4).meta({
    description: 'pixels over which the border of the mask is softened',
    placeholder: 'X',
    step: 1,
    written: 'Mask blur',
  }),
  maskContent: z
    .enum(['original', 'fill', 'noise', 'nothing'])
    .default('original')
    .meta({
      description: 'what drawing begins with under the mask: the picture, colours of what surrounds it, noise, or zeros',
      placeholder: 'NAME',
      written: 'Masked content',
      spelt: { original: 'original', fill: 'fill', noise: 'latent noise', nothing: 'latent nothing' },
    }),
  maskArea: z
    .enum(['whole', 'masked'])
    .default('whole')
    .meta({
      description: 'masked: only what is masked, with room around it, is drawn, at the full size, and put back into the picture',
      placeholder: 'NAME',
      written: 'Inpaint area',
      spelt: { whole: 'Whole picture', masked: 'Only masked' },
      axis: false,
    }),
  maskPadding: z.int().min(0).max(1024).default(32).meta({
    description: 'pixels of the picture around the mask that are seen where only what is masked is drawn',
    placeholder: 'N',
    step: 4,
    written: 'Masked area padding',
  }),
  maskWeight: z.number().min(0).max(1).default(1).meta({
    description: 'of an inpainting model: how much of what is masked is hidden from it; 0 shows it the whole picture',
    placeholder: 'X',
    step: 0.05,
    written: 'Conditional mask weight',
    quiet: true,
  }),
  maskBlend: z
    .enum(['a1111', 'diffusers'])
    .default('a1111')
    .meta({
      description:
        'a1111: at every step all models keep to the picture outside the mask; diffusers: ordinary ones alone, as inpainting models see it',
      placeholder: 'NAME',
      written: 'Mask blend',
      quiet: true,
      spelt: { a1111: 'A1111', diffusers: 'diffusers' },
      axis: false,
    }),
})
type Options = z.output<typeof options>

export const inpaint: Condition<typeof options> = {
  name: 'inpaint',
  options,
  by: 'mask',
  over: img2img,
  async prepare(model, given, frame, begun): Promise<Prepared> {
    const [{ readPicture, readPictureFile }, { toModelRange }, { fitted, maskFitted }, { readMask }, pixels] = await Promise.all([
      import('../images/picture.ts'),
      import('../images/model-range.ts'),
      import('../images/fit-picture.ts'),
      import('../images/mask.ts'),
      import('../images/inpaint.ts'),
    ])
    const { initImage, initResize } = img2img.options.parse(begun)
    const [picture, mask] = [await readPicture(initImage), await readMask(await readPictureFile(given.mask), given.mask, 'first')]
    refuseUnfit(picture, mask, given)
    const size = { width: frame.width, height: frame.height }
    const side = given.maskMode === 'masked' ? mask : pixels.inverted(mask)
    // Where all of it is drawn the picture comes to size first, and the mask with it.
    const whole = given.maskArea === 'whole'
    const old = whole ? await fitted(picture, size, initResize) : picture
    const brought = whole ? await maskFitted(side, size, initResize) : side
    const soft = await pixels.feathered(brought, given.maskBlur)
    const found = pixels.maskedPart(soft)
    if (!found) throw empty(given)
    const part = whole
      ? { left: 0, top: 0, ...size }
      : pixels.roomAround(found, { padding: given.maskPadding, like: size, within: picture })
    const own = pixels.maskCutOut(soft, part)
    const cut = pixels.cutOut(old, part)
    const shown = given.maskContent === 'fill' ? await pixels.filledUnder(cut, own) : cut
    const seen = await toModelRange(shown, size, { resized: size })
    const { mean } = await encodePicture(model, seen, size)
    const asked = takesMask(model.checkpoint.unet.config)
    const hidden = { pixels: seen, mask: await pixels.maskResized(own, size), weight: given.maskWeight }
    const free = cellsOf(await pixels.maskResized(own, { width: frame.shape[3] ?? 0, height: frame.shape[2] ?? 0 }), frame)
    return {
      start: (noise) => mean.map((value, i) => (free[i] ? under(given.maskContent, value, noise[i] ?? 0) : value)),
      ...(asked ? { beside: await maskedInput(model, hidden) } : {}),
      ...(asked && given.maskBlend === 'diffusers' ? {} : { clean: keptOutside(free, mean) }),
      finish: (drawn) => pixels.laidOver(old, part, { drawn, mask: soft }),
    }
  },
}

const keptOutside =
  (free: Uint8Array, mean: Float32Array) =>
  (denoised: Float32Array): Float32Array =>
    denoised.map((value, i) => (free[i % free.length] ? value : (mean[i % mean.length] ?? 0)))

const under = (content: Options['maskContent'], value: number, noise: number): number =>
  content === 'noise' ? noise : content === 'nothing' ? 0 : value

/** Which numbers of the latents are free: those of cells that are masked by half at least. */
function cellsOf({ data }: Mask, { shape }: Frame): Uint8Array {
  const free = new Uint8Array(shape.reduce((product, side) => product * side, 1))
  for (let i = 0; i < free.length; i++) free[i] = (data[i % data.length] ?? 0) >= 128 ? 1 : 0
  return free
}

function refuseUnfit(picture: Picture, mask: Mask, { mask: file }: Options): void {
  if (mask.width === picture.width && mask.height === picture.height) return
  const [got, wanted] = [`${mask.width}×${mask.height}`, `${picture.width}×${picture.height}`]
  const sentence = `The mask is ${got}, the picture that it is for ${wanted}. Save the mask at the picture's size.`
  throw new PigmentError('inpaint-mask-size', sentence, { mask: file, got, expected: wanted })
}

function empty({ mask, maskMode }: Options): PigmentError {
  const sentence =
    maskMode === 'masked'
      ? 'Nothing of the mask is white, so that nothing would be drawn. Paint white what is to be drawn anew, or set the mask mode to "unmasked".'
      : 'All of the mask is white, and what is not masked was to be drawn. Paint black what is to be drawn anew, or set the mask mode to "masked".'
  return new PigmentError('inpaint-mask-empty', sentence, { mask, maskMode })
}
