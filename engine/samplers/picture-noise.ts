// The noise of pictures that are drawn together: each has its own, by its seed alone.
import { brownianPath } from '../noise-sources/brownian-path.ts'
import { noiseSourceOf } from '../noise-sources/chosen.ts'
import { slerp } from '../noise-sources/variation.ts'
import { PigmentError } from '../requests/error.ts'
import type { GenerateRequest } from '../requests/generate.ts'
import { elementCount, type Tensor } from '../tensor/tensor.ts'
import type { PathNoise } from './run.ts'

export interface PictureNoise {
  /** Unit normal, (pictures, C, h, w): to begin with. */
  readonly start: Float32Array
  /** Unit normal, of one step; asked for in their order. */
  step(step: number): Float32Array
  /** Unit normal, of ways between noise levels; none where the source has that of the steps for them. */
  readonly path: ((low: number, high: number) => PathNoise) | undefined
}

export type NoiseSettings = Pick<GenerateRequest, 'noiseSource' | 'variationSeed' | 'variationStrength' | 'seedDelta'>

/** Drawn by `seeds`, of pictures of the shape `one`, (1, C, h, w); `given` stands in place of the start. Throws `noise-shape`. */
export function pictureNoise(seeds: readonly number[], one: readonly number[], settings: NoiseSettings, given?: Tensor): PictureNoise {
  const source = noiseSourceOf(settings)
  const { variationSeed, variationStrength, seedDelta } = settings
  const size = elementCount(one)
  const each = (of: (seed: number, n: number) => Float32Array): Float32Array => {
    const all = new Float32Array(seeds.length * size)
    seeds.forEach((seed, n) => all.set(of(seed, n), n * size))
    return all
  }
  const begun = (seed: number): Float32Array => {
    const own = source.start(seed, size)
    return variationStrength > 0 ? slerp(variationStrength, own, source.start(variationSeed, size), one.slice(-2)) : own
  }
  const start = given?.data ?? each(begun)
  const shape = [seeds.length, ...one.slice(1)]
  if (start.length !== seeds.length * size)
    throw new PigmentError(
      'noise-shape',
      `The noise has shape [${given?.shape.join(', ')}]; the latents of this picture and model have [${shape.join(', ')}].`,
      { expected: shape },
    )
  let steps: readonly ((step: number) => Float32Array)[] | undefined
  const { ofPath } = source
  return {
    start,
    step(step) {
      steps ??= seeds.map((seed) => source.steps(seed, size, seedDelta))
      const next = steps
      return each((_, n) => next[n]?.(step) ?? new Float32Array(size))
    },
    path:
      ofPath &&
      ((low, high) => {
        const paths = seeds.map((seed) => brownianPath(seed, size, { low, high }, ofPath))
        return (from, to) => each((_, n) => paths[n]?.(from, to) ?? new Float32Array(size))
      }),
  }
}
