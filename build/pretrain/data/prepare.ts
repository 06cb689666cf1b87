// Renders the base styles into one cache, and reads it back.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hash } from './random.ts'
import { joinAlike } from './families.ts'
import { loadIcons } from './icons.ts'
import { renderIcon, type Picture } from './render.ts'
import { baseStyles } from './styles.ts'

export const pictureSize = 64
export const heldOutShare = 0.06

/** One line of `pictures.json`, in the order of the pixels. */
export interface PictureRecord {
  readonly style: string
  readonly concept: string
  readonly family: string
  readonly keywords: readonly string[]
  readonly mirror: boolean
  readonly split: 'train' | 'held-out'
}

export interface PictureCache {
  readonly records: readonly PictureRecord[]
  /** N × 64 × 64 × 3, on white. */
  readonly rgb: Uint8Array
  /** N × 64 × 64: how much of a pixel the drawing covers. */
  readonly alpha: Uint8Array
}

/** The pixels of one picture of the cache (views, not copies). */
export function pictureAt(cache: PictureCache, index: number): Picture {
  const pixels = pictureSize * pictureSize
  return {
    rgb: cache.rgb.subarray(index * pixels * 3, (index + 1) * pixels * 3),
    alpha: cache.alpha.subarray(index * pixels, (index + 1) * pixels),
  }
}

/** Renders every picture of the base styles and writes `pictures.u8`, `alpha.u8` and `pictures.json` into `outDir`. */
export async function prepareData(outDir: string, report: (line: string) => void = () => {}): Promise<PictureCache> {
  const items: { style: string; concept: string; family: string; keywords: readonly string[]; mirror: boolean; picture: Picture }[] = []
  for (const style of baseStyles) {
    const icons = loadIcons(style.id)
    for (const { concept, icon } of icons) {
      const { family, keywords, mirror } = concept
      items.push({ style: style.id, concept: concept.name, family, keywords, mirror, picture: await renderIcon(icon, pictureSize) })
    }
    report(`${style.id}: ${icons.length} pictures`)
  }
  const families = joinAlike(items)
  const records = items.map(({ style, concept, family, keywords, mirror }): PictureRecord => {
    const joined = families.get(family) ?? family
    return { style, concept, family: joined, keywords, mirror, split: isHeldOut(joined) ? 'held-out' : 'train' }
  })
  const pixels = pictureSize * pictureSize
  const cache = { records, rgb: new Uint8Array(items.length * pixels * 3), alpha: new Uint8Array(items.length * pixels) }
  for (const [i, { picture }] of items.entries()) {
    cache.rgb.set(picture.rgb, i * pixels * 3)
    cache.alpha.set(picture.alpha, i * pixels)
  }
  mkdirSync(outDir, { recursive: true })
  writeFileSync(join(outDir, 'pictures.u8'), cache.rgb)
  writeFileSync(join(outDir, 'alpha.u8'), cache.alpha)
  writeFileSync(join(outDir, 'pictures.json'), '[\n' + records.map((record) => JSON.stringify(record)).join(',\n') + '\n]\n')
  return cache
}

/** Whether a family is kept from training: decided by its name alone, so it never changes with the order of things. */
export function isHeldOut(family: string): boolean {
  return hash(`held-out:${family}`) / 2 ** 32 < heldOutShare
}

/** Reads what `prepareData` wrote. */
export function loadData(dir: string): PictureCache {
  const records = JSON.parse(readFileSync(join(dir, 'pictures.json'), 'utf8')) as PictureRecord[]
  return { records, rgb: readFileSync(join(dir, 'pictures.u8')), alpha: readFileSync(join(dir, 'alpha.u8')) }
}
