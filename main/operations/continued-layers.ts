// In which layers an adapter differs from one that is trained alike everywhere, as the fields of a request that ask for the same.
import type { Adapter } from '../../engine/adapters/adapter.ts'
import { moduleRank } from '../../engine/adapters/variants/variant.ts'
import type { ModelFamily } from '../../engine/models/family.ts'
import type { UNetLayout } from '../../engine/models/keys/ldm-unet.ts'
import { layerGroups } from '../../engine/requests/layer-groups.ts'
import type { TrainRequest } from '../../engine/requests/train.ts'

export interface ContinuedAt {
  readonly family: Pick<ModelFamily, 'targets' | 'textTargets' | 'groups' | 'block'>
  readonly layout: UNetLayout
  /** Shapes of the weights of the model, by `unet.` and their layers' paths. */
  readonly shapes: ReadonlyMap<string, readonly number[]>
}

export type ContinuedLayers = Pick<TrainRequest, 'rank'> & Partial<Pick<TrainRequest, 'groups' | 'convRank' | 'blockRanks'>>

/** Its groups where it lacks some of `layers`, the rank of most of its layers, and those of convolutions and blocks where they differ from it. */
export function continuedLayers(
  { modules }: Adapter,
  layers: TrainRequest['layers'],
  { family, layout, shapes }: ContinuedAt,
): ContinuedLayers {
  const unet = new Map(modules.flatMap((module) => (module.component === 'unet' ? [[module.path, moduleRank(module) ?? 1]] : [])))
  const all = [...shapes].flatMap(([key, weight]) => {
    const path = key.startsWith('unet.') ? key.slice('unet.'.length) : ''
    const group = layerGroups.find((name) => family.groups[name].test(path))
    if (group === undefined || !family.targets[layers].test(path)) return []
    const slides = weight.slice(2).some((side) => side > 1)
    return { path, group, slides, block: family.block(path, layout), rank: unet.get(path) }
  })
  const own = new Set(all.flatMap(({ group, rank }) => (rank === undefined ? [] : group)))
  const chosen = all.filter(({ group }) => own.has(group))
  // A block that has a rank of its own has no other: where ranks differ inside of one, they are the usual ones.
  const byBlock = [...Map.groupBy(chosen, ({ block }) => block ?? '')]
  const mixed = byBlock.flatMap(([, inside]) => (new Set(inside.map((one) => one.rank ?? 0)).size > 1 ? inside : []))
  const among = (all: typeof chosen, slides: boolean) => commonest(all.flatMap((one) => (one.slides === slides ? (one.rank ?? []) : [])))
  const ranked = (slides: boolean) => among(mixed, slides) ?? among(chosen, slides)
  const rank = ranked(false) ?? ranked(true) ?? 1
  const convRank = ranked(true) ?? rank
  // One that holds none of a block's layers, or all of them with a rank of the block's own.
  const blocks = byBlock.flatMap(([block, inside]) => {
    const ranks = new Set(inside.map((one) => one.rank ?? 0))
    const usual = inside.every((one) => one.rank === (one.slides ? convRank : rank))
    return block === '' || usual || ranks.size !== 1 ? [] : `${block}=${[...ranks][0]}`
  })
  return {
    rank,
    ...(own.size < new Set(all.map(({ group }) => group)).size ? { groups: layerGroups.filter((name) => own.has(name)).join(',') } : {}),
    ...(convRank === rank ? {} : { convRank }),
    ...(blocks.length > 0 ? { blockRanks: blocks.join(',') } : {}),
  }
}

/** The first of those that come most often. */
function commonest(values: readonly number[]): number | undefined {
  const counts = [...Map.groupBy(values, (value) => value)].map(([value, { length }]) => ({ value, length }))
  return counts.reduce<(typeof counts)[number] | undefined>((best, one) => (best && best.length >= one.length ? best : one), undefined)
    ?.value
}
