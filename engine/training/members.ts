// θ of an adapter whose rank is shared out among members: trained apart, from seeds of their own, and averaged.
import type { Adapter } from '../adapters/adapter.ts'
import { inputNameA, inputNameB } from '../adapters/stack.ts'
import { triggerMetadata } from '../adapters/triggers.ts'
import { layoutOf, views, type Placement } from '../runtime/flat-parameters.ts'
import { PigmentError } from '../requests/error.ts'
import { memberRank, type TrainRequest } from '../requests/train.ts'
import { randomStream } from '../tensor/philox.ts'
import { elementCount, type Tensor } from '../tensor/tensor.ts'
import type { Views } from './plan.ts'
import type { LoraGraph } from './training-graph.ts'

/**
 * M members of rank R / M behind each other in one flat vector. Their updates are averaged, ΔW = (alpha / R) · Σ Bₘ · Aₘ / M, which one adapter of rank R
 * says exactly: its A are the members' one below the other, its B theirs side by side over M. Averages of weights that were trained apart
 * generalise better than the single ones (Wortsman et al. 2022, "Model soups", arXiv 2203.05482).
 */
export class Members {
  /** Where each trainable lies in the vector of one member. */
  readonly placements: readonly Placement[]
  /** Numbers of one member. */
  readonly size: number
  /** Of each member: the request's own, and those that follow. */
  readonly seeds: readonly number[]
  readonly #built: LoraGraph
  readonly #request: TrainRequest

  constructor(built: LoraGraph, request: TrainRequest) {
    const { placements, size } = layoutOf(built.trained)
    this.placements = placements
    this.size = size
    this.seeds = Array.from({ length: request.members }, (_, k) => request.seed + k)
    this.#built = built
    this.#request = request
  }

  /** Rank and alpha of one member, so that alpha / rank is the adapter's own. Throws `members-rank`. */
  static shapeOf(request: Pick<TrainRequest, 'rank' | 'alpha' | 'members'>): { rank: number; alpha: number } {
    return { rank: memberRank(request), alpha: request.alpha / request.members }
  }

  /** The numbers of member `k` within those of all; nothing is copied. */
  part(all: Float32Array, k: number): Float32Array {
    return all.subarray(k * this.size, (k + 1) * this.size)
  }

  /** A as kaiming-uniform with a = √5, which is U(±1/√fan_in); B zero. Reference: peft LoraLayer.reset_lora_parameters. */
  fresh(): Float32Array {
    const theta = new Float32Array(this.size * this.seeds.length)
    for (const [k, seed] of this.seeds.entries())
      for (const { name, shape, offset } of this.placements) {
        if (!name.startsWith(inputNameA(''))) continue
        const count = elementCount(shape)
        const bound = 1 / Math.sqrt(count / (shape[0] ?? 1))
        const own = this.part(theta, k)
        randomStream(seed, name, 0)
          .uniform(count)
          .forEach((u, i) => (own[offset + i] = (2 * u - 1) * bound))
      }
    return theta
  }

  /** The weights of an adapter of the same rank, to train on. Throws `continue-mismatch`. */
  from(initial: Adapter): Float32Array {
    const { rank, alpha, members } = this.#request
    const theta = new Float32Array(this.size * members)
    const modules = new Map(initial.modules.filter(({ component }) => component === 'unet').map((module) => [module.path, module]))
    const left = [...modules.keys()].filter((path) => !this.#built.paths.includes(path))
    if (left.length > 0)
      throw new PigmentError(
        'continue-mismatch',
        `"${initial.name}" also adapts ${left.length} layers that are not trained here (the first is "${left[0]}"), and the result would lack them. Train all layers that it has.`,
        { path: left[0], left: left.length },
      )
    for (let k = 0; k < members; k++) {
      const parts = views(this.placements, this.part(theta, k))
      for (const path of this.#built.paths) {
        const module = modules.get(path)
        const [a, b] = [parts[inputNameA(path)], parts[inputNameB(path)]]
        const fits = (whole: Tensor | undefined, part: Tensor | undefined) =>
          whole && part && whole.data.length === part.data.length * members
        if (!module || !a || !b || !fits(module.down, a) || !fits(module.up, b))
          throw new PigmentError(
            'continue-mismatch',
            `"${initial.name}" cannot be trained on with rank ${rank}: ${module ? `its rank is ${module.down.shape[0]}` : `it lacks "${path}"`}. Choose its rank, or begin anew.`,
            { rank, path, found: module?.down.shape[0] ?? null },
          )
        a.data.set(module.down.data.subarray(k * a.data.length, (k + 1) * a.data.length))
        const own = rank / members
        // ΔW = (alpha / R) · B · A: another alpha is made up for in B, and so is the average.
        for (let i = 0; i < b.data.length; i++)
          b.data[i] = ((module.up.data[Math.floor(i / own) * rank + k * own + (i % own)] ?? 0) * module.alpha * members) / alpha
      }
    }
    return theta
  }

  /** All members as the one adapter that they are the average of; copies. */
  adapter(parts: readonly Views[]): Adapter {
    const { alpha, rank, members, title, trigger } = this.#request
    const own = rank / members
    const modules = this.#built.paths.map((path) => {
      const [a, b] = [inputNameA(path), inputNameB(path)].map((name) => parts.map((part) => part[name] as Tensor)) as [Tensor[], Tensor[]]
      const [, ...window] = a[0]?.shape ?? []
      const [outputs = 0, , ...ones] = b[0]?.shape ?? []
      const down = new Float32Array(elementCount([rank, ...window]))
      a.forEach(({ data }, k) => down.set(data, k * data.length))
      const up = new Float32Array(outputs * rank)
      b.forEach(({ data }, k) => data.forEach((value, i) => (up[Math.floor(i / own) * rank + k * own + (i % own)] = value / members)))
      return {
        component: 'unet' as const,
        path,
        down: { shape: [rank, ...window], data: down },
        up: { shape: [outputs, rank, ...ones], data: up },
        alpha,
      }
    })
    return { name: title ?? 'adapter', modules, metadata: triggerMetadata(trigger), skipped: [] }
  }
}
