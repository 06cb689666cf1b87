// Settings that change a picture in the program that wrote them, and that nothing here answers to.
import { samplerByName } from '../../engine/samplers/sampler.ts'
import { scheduleByName } from '../../engine/schedules/schedule-names.ts'
import type { Recalled } from '../api/methods/generate.ts'

function named(look: () => unknown): boolean {
  try {
    look()
    return true
  } catch {
    return false
  }
}

/** Keys of A1111's line, with the values at which they do nothing. */
const effects: readonly (readonly [key: RegExp, idle?: { readonly test: (value: string) => boolean }])[] = [
  [/^Denoising strength$/i, /^1(\.0*)?$/],
  [/^Hires (resize|checkpoint)/i],
  [/^Hires sampler$/i, { test: (name) => named(() => samplerByName(name)) }],
  [/^Hires schedule type$/i, { test: (name) => named(() => scheduleByName(name)) }],
  [/^Hires (negative )?prompt$/i, { test: (text) => !/<(lora|lyco|hypernet):/.test(text) }],
  [/^Hires upscale$/i, /^\d+(\.\d+)?$/],
  [/^Hires upscaler$/i, /^(latent|latent \(bicubic\)|latent \(nearest-exact\)|lanczos)$/i],
  [/^(Mask blur|Inpaint area)$/i],
  [/^Refiner$/i, /^none$/i],
  [/^ControlNet/i],
  [/^ADetailer model/i],
  [/^(VAE|Module 1)$/i, /^(automatic|none|default( \(model\))?)$/i],
  [/^Face restoration$/i],
  [/^Emphasis$/i, /^(original|none|ignore|no norm|comfyui)$/i],
  [/^Tiling$/i, /^(true|false|x|y)$/i],
  [/^CFG Rescale( as)?$/, /./],
  [/^Rescale CFG|^CFG Rescale/i, /^0(\.0*)?$/],
  [/^Schedule (min sigma|max sigma|rho)$/i],
  [/^(NGMS|Skip Early CFG)$/i],
  [/^(Hypernet|Token merging|FreeU|Seed resize|Eta\b|Discard penultimate|Beta schedule|Dynamic thresholding)/i],
  [/^Sigma (churn|tmin|tmax)$/i, /^0(\.0*)?$/],
  [/^Sigma noise$/i, /^1(\.0*)?$/],
  [/^Styles$/i, /^\[\s*\]$/],
  // Of a ComfyUI graph.
  [/^Node /],
  // Of Fooocus.
  [/^(Sharpness|ADM Guidance|Adaptive CFG|Refiner Swap Method)$/i],
  [/^Performance$/i, /^(speed|quality)$/i],
]

/** What of a settings line is not here, as it stands there. */
export function settingsNotHere(settings: ReadonlyMap<string, string>): Recalled['missing'][number][] {
  // Of a hires fix, which is here, it is the strength.
  const larger = /^\d/.test(settings.get('Hires upscale') ?? '')
  return [...settings].flatMap(([key, value]) => {
    if (larger && key === 'Denoising strength') return []
    const effect = effects.find(([pattern]) => pattern.test(key))
    if (!effect || effect[1]?.test(value.trim())) return []
    return [{ kind: 'setting' as const, name: value === '?' ? key : `${key} ${value.slice(0, 60)}` }]
  })
}
