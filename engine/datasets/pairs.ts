// Which caption belongs to which picture of a folder, by their names alone.
import { isPictureName, pictureStem } from '../images/picture-formats.ts'
import { withoutMasks } from './mask-names.ts'

export interface Pair {
  readonly picture: string
  /** The file that its caption is read from. */
  readonly caption?: string
  /** Other pictures read it too. */
  readonly shared: boolean
  /** The file that its caption is written into: the one that is read, unless that may be another picture's too. */
  readonly own: string
}

const captionEnding = /\.(txt|caption)$/i
export const isCaptionName = (name: string): boolean => captionEnding.test(name) && !name.startsWith('.')

/**
 * The pictures among `names` with their captions: `a.png.txt`, which is no other picture's, before `a.txt`, which most tools write, before
 * `a.caption`; the ending in any case. Masks beside pictures are none. Where no name fits exactly, letters of another case and marks written apart (macOS) fit as well.
 */
export function pairNames(names: readonly string[]): { readonly pairs: readonly Pair[]; readonly alone: readonly string[] } {
  const pictures = withoutMasks(names.filter(isPictureName))
  const captions = names.filter(isCaptionName).sort(byEnding)
  const read = new Map<string, string>()
  const claimed = new Set<string>()
  const match = (key: (name: string) => string, free: readonly string[]): void => {
    const byKey = new Map<string, string>()
    for (const caption of free) {
      const stem = key(caption.replace(captionEnding, ''))
      if (!byKey.has(stem)) byKey.set(stem, caption)
    }
    for (const picture of pictures) {
      const caption = read.get(picture) ?? byKey.get(key(picture)) ?? byKey.get(key(pictureStem(picture)))
      if (caption === undefined) continue
      read.set(picture, caption)
      claimed.add(caption)
    }
  }
  match((name) => name, captions)
  const free = captions.filter((caption) => !claimed.has(caption))
  if (free.length > 0) match(fold, free)
  const [readers, stems] = [countBy([...read.values()]), countBy(pictures.map((picture) => fold(pictureStem(picture))))]
  const pairs = pictures.map((picture): Pair => {
    const caption = read.get(picture)
    const shared = caption !== undefined && (readers.get(caption) ?? 0) > 1
    const alike = (stems.get(fold(pictureStem(picture))) ?? 0) > 1
    // Where several pictures have one stem, the whole name is written: what is said of one must not be said of the others.
    const whole = caption !== undefined && fold(caption.replace(captionEnding, '')) === fold(picture)
    const own = whole || (caption !== undefined && !alike) ? caption : `${alike ? picture : pictureStem(picture)}.txt`
    return { picture, shared, own, ...(caption === undefined ? {} : { caption }) }
  })
  // One that another goes before is not alone.
  const served = new Set([...read.keys()].flatMap((picture) => [fold(picture), fold(pictureStem(picture))]))
  const alone = captions.filter((caption) => !claimed.has(caption) && !served.has(fold(caption.replace(captionEnding, ''))))
  return { pairs, alone }
}

/** Where two fit, the first is read: `.txt` is what most tools write; an older `.caption` beside it is left alone. */
function byEnding(a: string, b: string): number {
  const rank = (name: string): number => (name.endsWith('.txt') ? 0 : /\.txt$/i.test(name) ? 1 : 2)
  return rank(a) - rank(b) || (a < b ? -1 : 1)
}

/** As disks do that do not tell the case of letters apart. */
export const fold = (name: string): string => name.normalize('NFC').toLowerCase()

function countBy(keys: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
  return counts
}
