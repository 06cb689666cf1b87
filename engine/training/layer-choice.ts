// Which layers of a network a request adapts, and what it gives each of them: rank, alpha and rate.
import type { UNetLayout } from '../models/keys/ldm-unet.ts'
import type { ModelFamily } from '../models/family.ts'
import { readBlockRanks, readBlockRates } from '../requests/adapter-fields.ts'
import { PigmentError } from '../requests/error.ts'
import { layerSets, readLayerGroups, slidingGroups, type LayerGroup } from '../requests/layer-groups.ts'
import type { TrainRequest } from '../requests/train.ts'
import { variantOf } from './variant-of-request.ts'

/** Layers by their paths. */
export interface Targets {
  test(path: string): boolean
}

export interface LayerShape {
  readonly rank: number
  /** The adapter acts with alpha / rank, also where it is rank-stabilised. */
  readonly alpha: number
  /** What the learning rate is multiplied by. */
  readonly rate: number
}

/** Of a layer by its path and the shape of its weight. */
export type ShapeOf = (path: string, weight: readonly number[]) => LayerShape

export interface LayerChoice {
  readonly targets: Targets
  readonly shapeOf: ShapeOf
}

export type LayerRequest = Pick<TrainRequest, 'rank' | 'alpha' | 'layers'> & Partial<TrainRequest>

/** What is chosen of a UNet. Throws what `layerRules` throw. */
export function layerChoice(
  { targets, groups, block }: Pick<ModelFamily, 'targets' | 'groups' | 'block'>,
  layout: UNetLayout,
  request: LayerRequest,
): LayerChoice {
  layerRules(request)
  const { blockRanks = {}, blockRates = {}, named } = readTexts(request)
  const chosen = named ? new RegExp(named.map((name) => groups[name].source).join('|')) : targets[request.layers]
  const { rank, alpha, rsLora = false } = request
  const convolution = convShape(request)
  const ofBlock = (values: Readonly<Record<string, number>>, path: string): number | undefined => values[block(path, layout) ?? '']
  return {
    targets: { test: (path) => chosen.test(path) && ofBlock(blockRanks, path) !== 0 },
    shapeOf(path, weight) {
      const usual = weight.slice(2).some((side) => side > 1) ? convolution : { rank, alpha }
      const own = ofBlock(blockRanks, path) ?? usual.rank
      const plain = own === usual.rank ? usual.alpha : (usual.alpha / usual.rank) * own
      // α / √r, written as α·√r / r, which is how every reader of the file applies it.
      return { rank: own, alpha: rsLora ? usual.alpha * Math.sqrt(own) : plain, rate: ofBlock(blockRates, path) ?? 1 }
    },
  }
}

/** Of layers that slide a window over the picture: they act as strongly as the others unless their alpha is told. */
export function convShape({
  rank,
  alpha,
  convRank = rank,
  convAlpha,
  rsLora,
}: Pick<LayerRequest, 'rank' | 'alpha'> & Partial<TrainRequest>): {
  readonly rank: number
  readonly alpha: number
} {
  return { rank: convRank, alpha: convAlpha ?? (rsLora || convRank === rank ? alpha : (alpha / rank) * convRank) }
}

/** Whether layers that slide a window are adapted. Throws `layer-groups`. */
export function slides({ layers, groups }: Pick<LayerRequest, 'layers'> & Partial<TrainRequest>): boolean {
  const named = groups === undefined ? (layerSets[layers] ?? []) : readLayerGroups(groups)
  return slidingGroups.some((name) => named.includes(name))
}

/** What of the request's layers does not fit together. Throws `layer-groups`, `block-values`, `conv-unused`, `rank-unused`, `rs-lora-variant`. */
export function layerRules(request: Pick<LayerRequest, 'layers'> & Partial<TrainRequest>): void {
  readTexts(request)
  const { convRank, convAlpha, blockRanks, rsLora } = request
  const [field, value] = given({ convRank, convAlpha }) ?? []
  if (field !== undefined && !slides(request))
    throw new PigmentError(
      'conv-unused',
      `${field} ${String(value)} is for convolutions, and none is adapted. Leave it out, adapt all layers, or name the groups ${slidingGroups.join(', ')}.`,
      { field, value, groups: slidingGroups.join(', ') },
    )
  const { variant } = variantOf(request)
  const { title, scaled, options, training } = variant
  const [ranked, rank] = given({ convRank, blockRanks }) ?? []
  if (ranked !== undefined && !Object.hasOwn(options.shape, 'rank')) {
    const sentence = `${title} has no rank: ${ranked} ${String(rank)} would do nothing. Leave it out, or choose another adapter type.`
    throw new PigmentError('rank-unused', sentence, { variant: title, field: ranked, value: rank })
  }
  if (!rsLora || (scaled && training.alpha === undefined)) return
  const sentence = `${title} is not scaled by alpha / rank, and rsLora changes just that. Leave it out, or choose another adapter type.`
  throw new PigmentError('rs-lora-variant', sentence, { variant: title })
}

/** The first of these fields that is given, and its value. */
const given = (
  fields: Readonly<Record<string, number | string | undefined>>,
): readonly [field: string, value: number | string] | undefined =>
  Object.entries(fields).flatMap(([field, value]) => (value === undefined ? [] : [[field, value] as const]))[0]

const readTexts = ({ groups, blockRanks, blockRates }: Partial<TrainRequest>) => ({
  ...(groups === undefined ? {} : { named: readLayerGroups(groups) satisfies readonly LayerGroup[] }),
  ...(blockRanks === undefined ? {} : { blockRanks: readBlockRanks(blockRanks) }),
  ...(blockRates === undefined ? {} : { blockRates: readBlockRates(blockRates) }),
})
