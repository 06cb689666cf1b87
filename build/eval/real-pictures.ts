// Every real picture of the seven styles at 64 px: the five base styles from the cache, the two sample styles drawn here.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadIcons } from '../pretrain/data/icons.ts'
import { loadData, pictureAt, pictureSize } from '../pretrain/data/prepare.ts'
import { renderIcon } from '../pretrain/data/render.ts'
import { sampleStyles } from '../pretrain/data/styles.ts'

export interface RealPicture {
  readonly style: string
  readonly concept: string
  readonly family: string
  readonly heldOut: boolean
  readonly rgb: Uint8Array
}

export const dataFolder = join(fileURLToPath(new URL('../../', import.meta.url)), 'work/pretrain')

/** The base styles' pictures. Needs the cache that build/pretrain/data.ts writes. */
export function basePictures(folder = dataFolder): RealPicture[] {
  const cache = loadData(folder)
  return cache.records.map(({ style, concept, family, split }, i) => {
    return { style, concept, family, heldOut: split === 'held-out', rgb: pictureAt(cache, i).rgb }
  })
}

/** The sample styles' pictures, all of them: for measuring only. */
export async function samplePictures(folder = dataFolder): Promise<RealPicture[]> {
  const families = new Map(loadData(folder).records.map(({ concept, family }) => [concept, family]))
  const out: RealPicture[] = []
  for (const { id } of sampleStyles)
    for (const { concept, icon } of loadIcons(id)) {
      const { rgb } = await renderIcon(icon, pictureSize)
      out.push({ style: id, concept: concept.name, family: families.get(concept.name) ?? concept.family, heldOut: false, rgb })
    }
  return out
}
