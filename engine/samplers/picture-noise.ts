// The noise of pictures that are drawn together: each has its own, by its seed alone.
import { PigmentError } from '../requests/error.ts'
import { randomStream } from '../tensor/philox.ts'
import { elementCount, type Tensor } from '../tensor/tensor.ts'

export interface PictureNoise {
  /** Unit normal, (pictures, C, h, w): to begin with. */
  readonly start: Float32Array
  /** Unit normal, of one step. */
  step(step: number): Float32Array
}

/** Drawn by `seeds`; `given` stands in place of the start. Throws `noise-shape`. */
export function pictureNoise(seeds: readonly number[], one: readonly number[], given?: Tensor): PictureNoise {
  const size = elementCount(one)
  const of = (name: string, index: number): Float32Array => {
    const all = new Float32Array(seeds.length * size)
    seeds.forEach((seed, n) => all.set(randomStream(seed, name, index).normal(size), n * size))
    return all
  }
  const start = given?.data ?? of('noise', 0)
  const shape = [seeds.length, ...one.slice(1)]
  if (start.length !== seeds.length * size)
    throw new PigmentError(
      'noise-shape',
      `The noise has shape [${given?.shape.join(', ')}]; the latents of this picture and model have [${shape.join(', ')}].`,
      { expected: shape },
    )
  return { start, step: (step) => of('step', step) }
}
