// Which pictures are learnt worst: a bad caption, an odd picture. Each by its last draws, beside what is usual at the same noise, since noise decides most
// of a loss.
import type { PictureLoss } from '../../requests/watch-events.ts'

/** Draws that are kept of each picture. */
const kept = 16
/** Bins of equal width along the timesteps. */
const bins = 10
/** A picture is told of once it was drawn so often. */
const least = 4
const told = 10

export class PictureLosses {
  readonly #paths: readonly string[]
  /** Of each picture: how often it was drawn, then pairs of bin and loss, the oldest overwritten first. */
  readonly vector: Float32Array
  readonly #trainSteps: number

  constructor(paths: readonly string[], trainSteps: number, saved?: ArrayLike<number>) {
    this.#paths = paths
    this.#trainSteps = trainSteps
    this.vector = new Float32Array(paths.length * size)
    if (saved?.length === this.vector.length) this.vector.set(saved)
  }

  add(picture: number, timestep: number, loss: number): void {
    if (picture >= this.#paths.length || !Number.isFinite(loss)) return
    const at = picture * size
    const drawn = this.vector[at] ?? 0
    const place = at + 1 + 2 * (drawn % kept)
    this.vector[place] = Math.min(bins - 1, Math.floor((timestep / this.#trainSteps) * bins))
    this.vector[place + 1] = loss
    this.vector[at] = drawn + 1
  }

  /** The worst, the worst first. */
  worst(): PictureLoss[] {
    const draws = this.#paths.map((_, picture) => this.#drawsOf(picture))
    const [sums, counts] = [new Float64Array(bins), new Float64Array(bins)]
    for (const [bin, loss] of draws.flat()) {
      sums[bin] = (sums[bin] ?? 0) + loss
      counts[bin] = (counts[bin] ?? 0) + 1
    }
    const usual = (bin: number): number => (sums[bin] ?? 0) / Math.max(1, counts[bin] ?? 0)
    return draws
      .flatMap((own, picture): PictureLoss[] => {
        if (own.length < least) return []
        const loss = own.reduce((sum, [bin, loss]) => sum + loss / Math.max(usual(bin), 1e-12), 0) / own.length
        return [{ path: this.#paths[picture] ?? '', loss, draws: own.length }]
      })
      .sort((a, b) => b.loss - a.loss)
      .slice(0, told)
  }

  #drawsOf(picture: number): (readonly [bin: number, loss: number])[] {
    const at = picture * size
    const count = Math.min(kept, this.vector[at] ?? 0)
    return Array.from({ length: count }, (_, i) => [this.vector[at + 1 + 2 * i] ?? 0, this.vector[at + 2 + 2 * i] ?? 0])
  }
}

const size = 1 + 2 * kept
