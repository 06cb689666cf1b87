// Masks that lie beside pictures: files of a set that are no pictures of it.
import { pictureStem } from '../images/picture-formats.ts'

/** OneTrainer's: `cat-masklabel.png` is the mask of `cat.jpg`. */
export const maskEnding = '-masklabel.png'

/** The names that are no mask of another one among them. */
export function withoutMasks(names: readonly string[]): readonly string[] {
  const stems = new Set(names.map((name) => pictureStem(name)))
  return names.filter((name) => !(name.endsWith(maskEnding) && stems.has(name.slice(0, -maskEnding.length))))
}
