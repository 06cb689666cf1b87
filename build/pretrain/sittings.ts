// Steps whose checkpoints also say how long a course has taken, over all its sittings.
import type { RunVectors } from '../../engine/files/run-checkpoint.ts'
import type { Steps, Told } from '../../engine/training/steps.ts'

export class Sittings<R> implements Steps<R> {
  readonly #steps: Steps<R>
  readonly #since = performance.now()
  readonly #before: number

  constructor(steps: Steps<R>, seconds = 0) {
    this.#steps = steps
    this.#before = seconds
  }

  get seconds(): number {
    return this.#before + (performance.now() - this.#since) / 1000
  }
  get theta(): Float32Array {
    return this.#steps.theta
  }
  advance(done: number, most: number): Promise<readonly Told[]> {
    return this.#steps.advance(done, most)
  }
  vectors(): RunVectors {
    return { ...this.#steps.vectors(), seconds: Float32Array.of(this.seconds) }
  }
  result(): R | Promise<R> {
    return this.#steps.result()
  }
}
