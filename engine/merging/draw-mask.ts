// Which entries stay where a method drops some by chance.
import { randomStream } from '../tensor/philox.ts'
import { layerName, type Layer, type Part } from './layer.ts'

/** One byte an entry, 1 where it stays: each with probability `density`, whatever the others do. `of` tells apart draws for the same part. */
export type DrawMask = (part: Part, count: number, density: number, of?: string) => Uint8Array

/**
 * The key is of the seed, the adapter and the layer; what an entry draws is a hash of its number under it (Wellons' lowbias32, twice). The layers of a large
 * model have billions of entries, for which Philox itself would take an hour.
 */
export function maskOf(seed: number, layer: Pick<Layer, 'component' | 'path'>): DrawMask {
  return ({ source }, count, density, of = '') => {
    const [first = 0, second = 0] = randomStream(seed, `merge ${source} ${of} ${layerName(layer)}`, 0).words(2)
    const mask = new Uint8Array(count)
    const least = density * 2 ** 32
    for (let i = 0; i < count; i++) if (hashed(hashed(i ^ first) ^ second) >>> 0 < least) mask[i] = 1
    return mask
  }
}

function hashed(word: number): number {
  let x = word
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad)
  x = Math.imul(x ^ (x >>> 15), 0xd35a2d97)
  return x ^ (x >>> 15)
}
