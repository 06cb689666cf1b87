// Which entries stay where a method drops some by chance.
import { randomStream } from '../tensor/philox.ts'
import { layerName, type Layer, type Part } from './layer.ts'

/** One byte an entry, 1 where it stays: each with probability `density`, whatever the others do. `of` tells apart draws for the same part. */
export type DrawMask = (part: Part, count: number, density: number, of?: string) => Uint8Array

/** The draw of a chunk is a function of its own: the same seed gives the same mask on every machine. */
const chunk = 65_536

export function maskOf(seed: number, layer: Pick<Layer, 'component' | 'path'>): DrawMask {
  return ({ source }, count, density, of = '') => {
    const mask = new Uint8Array(count)
    const least = density * 2 ** 32
    for (let from = 0; from < count; from += chunk) {
      const length = Math.min(chunk, count - from)
      const drawn = randomStream(seed, `merge ${source} ${of} ${layerName(layer)}`, from / chunk).words(length)
      for (let i = 0; i < length; i++) if ((drawn[i] as number) < least) mask[from + i] = 1
    }
    return mask
  }
}
