// What a picture says of its making: the settings line that AUTOMATIC1111's web UI writes, and galleries read.
import { acts } from '../../engine/adapters/stack.ts'
import { compositionOf } from '../../engine/adapters/stack-course.ts'
import { conditionsWritten, stepPlan } from '../../engine/conditions/chosen.ts'
import { buildInfotext } from '../../engine/images/infotext.ts'
import type { AskedGrid } from '../../engine/processes/process.ts'
import { vaeTitle } from '../../engine/models/separate-vae.ts'
import type { GenerateRequest } from '../../engine/requests/generate.ts'
import { fieldsWritten } from '../../engine/requests/settings-line.ts'
import { strengthText } from '../../engine/requests/strength.ts'
import { samplingWritten } from '../../engine/samplers/sampler-names.ts'
import { chosenSampling, optionsWritten } from '../../engine/samplers/sampler-options.ts'
import type { Model } from '../../engine/sessions/open-model.ts'
import type { Templates } from './drawn-form.ts'
import type { LoadedLora } from './load-loras.ts'

/** A1111's order; what it has not comes behind. */
const order = [
  ...['Steps', 'Sampler', 'Schedule type', 'Schedule', 'CFG scale', 'Seed', 'Size', 'Emphasis'],
  ...['Model', 'VAE', 'Lora hashes', 'Lora weights', 'Lora regions', 'TI hashes'],
]

/** As A1111's `Size`: that of what is sampled first, whatever becomes of it. */
export const sizeAsked = ({ defaultSide }: Pick<Model, 'defaultSide'>, { width, height }: Pick<GenerateRequest, 'width' | 'height'>) => ({
  width: width ?? defaultSide,
  height: height ?? defaultSide,
})

export interface Made {
  /** By `sizeAsked`. */
  readonly width: number
  readonly height: number
  /** What its checkpoint asks of noise levels. */
  readonly asked: AskedGrid
  readonly model: string
  /** Where the VAE lies that stood in place of the model's own. */
  readonly vaePath?: string | undefined
  readonly loras: readonly LoadedLora[]
  /** Textual inversions that its prompts call. */
  readonly embeddings?: readonly { readonly name: string; readonly hash: string }[]
  /** Where its adapters act (`regionsSaid`). */
  readonly regions?: string | undefined
  readonly templates?: Templates | undefined
}

/**
 * The settings as A1111 writes them. The prompt ends with a tag for each adapter: A1111 draws by them, and galleries read strengths there. An entry
 * of our own has the weights as they are, `0.8` or `TE:UNET`, with the blocks and places among the steps as in a tag.
 */
export function infotext(
  request: GenerateRequest,
  { width, height, asked, model, vaePath, loras, embeddings = [], regions, templates }: Made,
): string {
  const active = loras.filter(({ entry }) => acts(entry))
  const list = (of: (lora: LoadedLora) => string): string | undefined =>
    active.length > 0 ? active.map((lora) => `${lora.entry.adapter.name.replace(/[,:]/g, '_')}: ${of(lora)}`).join(', ') : undefined
  const { steps: all, first } = stepPlan(request)
  const steps = all - first
  const tags = active.flatMap(({ entry }) =>
    /[<>:\n]/.test(entry.adapter.name) ? [] : [`<lora:${entry.adapter.name}:${strengthText(entry, { steps })}>`],
  )
  const sampling = chosenSampling(request)
  const written = samplingWritten(sampling, asked)
  const settings: (readonly [string, string | undefined])[] = [
    ['Sampler', written.sampler],
    ['Schedule type', written.type],
    ['Schedule', written.exactly],
    ['Size', `${width}x${height}`],
    ['Model', model],
    ['VAE', vaePath === undefined ? undefined : vaeTitle(vaePath)],
    ['Lora hashes', list(({ hash }) => hash)],
    ['Lora weights', list(({ entry }) => strengthText(entry))],
    ['Lora regions', regions],
    ['TI hashes', hashesOf(embeddings)],
    ...fieldsWritten(request, active.length > 0),
    ...conditionsWritten(request.conditions, request),
    ...optionsWritten(sampling.sampler, request.samplerOptions),
    ...optionsWritten(sampling.schedule, request.scheduleOptions),
    ...(active.length > 0 ? optionsWritten(compositionOf(request), request.compositionOptions) : []),
    // As A1111's dynamic prompts do.
    ['Template', templates?.prompt],
    ['Negative Template', templates?.negative],
    ['Version', 'Pigment'],
  ]
  const place = ([name]: readonly [string, unknown]): number => (order.includes(name) ? order.indexOf(name) : order.length)
  const inOrder = settings.toSorted((a, b) => place(a) - place(b))
  return buildInfotext([request.prompt, tags.join('')].filter(Boolean).join(' '), request.negative, inOrder)
}

/** As A1111 writes them (modules/sd_hijack_clip.py). */
function hashesOf(embeddings: readonly { readonly name: string; readonly hash: string }[]): string | undefined {
  if (embeddings.length === 0) return undefined
  return embeddings.map(({ name, hash }) => `${name.replace(/[,:]/g, '')}: ${hash}`).join(', ')
}
