// Training on an adapter that is already there: its shape is taken over, and what this training would lose of it is told before it begins.
import { skippedReasons, type Adapter } from '../../engine/adapters/adapter.ts'
import { moduleRank } from '../../engine/adapters/variants/variant.ts'
import { textComponent } from '../../engine/adapter-formats/base-networks.ts'
import { PigmentError } from '../../engine/requests/error.ts'
import { trainRequest, type TrainRequest } from '../../engine/requests/train.ts'
import type { TrainEvent } from '../../engine/requests/train-events.ts'
import { variantNames } from '../../engine/requests/training-names.ts'
import { continuedLayers, type ContinuedAt, type ContinuedLayers } from './continued-layers.ts'

type Shape = Pick<TrainRequest, 'variant' | 'alpha' | 'layers'> & ContinuedLayers

const usual = trainRequest.shape.variant.parse(undefined)

/** Variant, ranks, alpha and layers of the file, where they were not asked for. The fewest layers that hold all of its own. */
export function shapeOfAdapter(adapter: Adapter, at: ContinuedAt): Shape {
  const { modules } = adapter
  const { targets, textTargets } = at.family
  const kinds = ['attention', 'transformer', 'all'] as const
  const [first] = modules
  const layers =
    kinds.find((kind) => modules.every(({ component, path }) => (component === 'unet' ? targets : textTargets)[kind].test(path))) ?? 'all'
  return {
    layers,
    variant: variantNames.find((name) => name === first?.variant) ?? usual,
    ...(modules.some(({ component }) => component === 'unet')
      ? continuedLayers(adapter, layers, at)
      : { rank: (first && moduleRank(first)) ?? 1 }),
    alpha: first?.alpha ?? 1,
  }
}

/** Throws `continue-text-encoder` where the file adapts a text encoder that does not learn here: that part would be missing from the result. */
export function refuseTextEncoders({ name, modules }: Adapter, { textRate = 0, textRate2 = textRate }: Partial<TrainRequest>): void {
  const still = [textRate, textRate2].flatMap((rate, i) => (rate > 0 ? [] : textComponent(i)))
  const texts = modules.filter(({ component }) => still.includes(component)).length
  if (texts === 0) return
  throw new PigmentError(
    'continue-text-encoder',
    `"${name}" also adapts the text encoder (${texts} of its ${modules.length} layers), which is not trained here: the result would lack that part. ` +
      'Give the text encoder a rate of its own (textRate), begin anew, or continue an adapter of the UNet alone.',
    { layers: modules.length, texts },
  )
}

/** What of the file is not trained on. */
export function leftOutOf(
  file: string,
  { skipped: unread, embeddings = [] }: Adapter,
  { trigger = '', triggerVectors }: Partial<Pick<TrainRequest, 'trigger' | 'triggerVectors'>> = {},
): TrainEvent | undefined {
  const still = embeddings.flatMap(({ names: [word = ''] }) =>
    triggerVectors !== undefined && word.toLowerCase() === trigger.trim().toLowerCase() ? [] : word,
  )
  const reason = 'Vectors of a word are trained further with --trigger WORD and --trigger-vectors.'
  const skipped = [...unread, ...still.map((word) => ({ key: `the vectors of "${word}"`, reason }))]
  if (skipped.length === 0) return undefined
  const reasons = skippedReasons(skipped)
  const message = `"${file}": ${skipped.length} of its tensors are not trained on, and are not in the result. ${reasons.slice(0, 3).join(' ')}`
  return { type: 'warning', code: 'adapter-partly-used', message, facts: { file, skipped: skipped.length, reasons } }
}
