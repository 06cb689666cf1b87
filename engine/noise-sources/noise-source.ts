// Where the noise of a picture comes from: what every program's random numbers are for one seed.

/** Unit normal noise of one picture, by its seed alone: the same whatever else is drawn beside it. */
export interface NoiseSource {
  readonly name: string
  readonly title: string
  readonly sentence: string
  /** Programs whose pictures are drawn from it where these say nothing else. */
  readonly programs: readonly string[]
  /** What a picture begins with, `count` numbers. */
  start(seed: number, count: number): Float32Array
  /**
   * Of the steps that add some, asked for one after the other in their order. `delta` is added to the seed (A1111's eta noise seed delta); without it
   * a stream goes on behind the start, where a program has one for both.
   */
  steps(seed: number, count: number, delta: number): (step: number) => Float32Array
  /** Of one seed of a path's; none where solvers of stochastic equations take that of their steps. */
  readonly ofPath?: (seed: number, count: number) => Float32Array
}
