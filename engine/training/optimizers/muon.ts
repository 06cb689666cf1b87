// Muon: momentum whose matrices are made orthogonal before they are added (Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural
// networks"), scaled so that AdamW's rate and weight decay carry over (Liu et al. 2025, "Muon is Scalable for LLM Training").
import { z } from 'zod'
import { Graph, type Value } from '../../graph/graph.ts'
import { add, div, matMul, mul, reduceSum, sqrt, transpose } from '../../graph/math.ts'
import type { Placement } from '../../runtime/flat-parameters.ts'
import type { Session } from '../../runtime/session.ts'
import { elementCount, type Tensor } from '../../tensor/tensor.ts'
import { init, update } from './adamw.ts'
import type { Optimizer } from './optimizer.ts'

/** Matrices of one shape. */
interface Group {
  readonly name: string
  readonly rows: number
  readonly columns: number
  readonly offsets: readonly number[]
  readonly rates: readonly number[]
  readonly values: Float32Array
}

export interface MuonOptions {
  readonly lr: number
  readonly momentum: number
  readonly weightDecay: number
}

/**
 * Odd polynomials a·x + b·x³ + c·x⁵ whose composition takes every singular value in [0.02, 1] to 1 ± 0.1: each the best one, in the greatest error, on what the one
 * before leaves (Amsel et al. 2025, "The Polar Express").
 */
const polynomials = [
  [7.711, -22.1138, 16.2487],
  [3.2153, -2.4112, 0.5013],
  [2.2183, -1.594, 0.4107],
] as const

/**
 * x (N, rows, columns) → UVᵀ of each matrix, nearly. The polynomials are worked out on the smaller Gram matrix G, whose products commute: with P the product so far the
 * next argument is PPG. x is brought to ‖x‖ = 1 first, since squares of squares of small gradients would be zero; ‖G‖^½ then bounds the largest singular value more closely.
 */
export function orthogonal(x: Value): Value {
  const [rows, columns] = [x.dim(1) as number, x.dim(2) as number]
  const wide = rows <= columns
  const unit = div(x, add(sqrt(reduceSum(mul(x, x), [1, 2])), 1e-20))
  const flipped = transpose(unit, [0, 2, 1])
  const gram = wide ? matMul(unit, flipped) : matMul(flipped, unit)
  // At least the root of 1 / side, but for a matrix of zeros.
  const bound = add(sqrt(reduceSum(mul(gram, gram), [1, 2])), 1e-12)
  const side = Math.min(rows, columns)
  const identity = x.graph.constant(
    'float32',
    [side, side],
    Float32Array.from({ length: side * side }, (_, i) => (i % (side + 1) === 0 ? 1 : 0)),
  )
  let squared = div(gram, bound)
  let product: Value | undefined
  for (const [i, [a, b, c]] of polynomials.entries()) {
    const factor = add(add(mul(matMul(squared, squared), c), mul(squared, b)), mul(identity, a))
    if (i + 1 < polynomials.length) squared = matMul(matMul(factor, squared), factor)
    product = product ? matMul(factor, product) : factor
  }
  const scaled = div(product as Value, sqrt(bound))
  return wide ? matMul(scaled, unit) : matMul(unit, scaled)
}

/** How far a step moves, divided by the rate: an orthogonal matrix has a mean square of 1 / the longer side, and AdamW's updates one of 0.2² or so. */
export const updateScale = (rows: number, columns: number): number => 0.2 * Math.sqrt(Math.max(rows, columns))

/** A weight as a matrix: its first axis against all others together. */
export function matrixSides([rows = 1, ...others]: readonly number[]): readonly [rows: number, columns: number] {
  return [rows, others.reduce((a, b) => a * b, 1)]
}

/** Muon on some of the weights of one flat vector. */
export class Muon implements AsyncDisposable {
  readonly #session: Session | undefined
  readonly #groups: readonly Group[]
  private constructor(session: Session | undefined, groups: readonly Group[]) {
    this.#session = session
    this.#groups = groups
  }

  /** For weights of two axes and more; `rate` multiplies the learning rate of one. */
  static async create(placements: readonly (Placement & { readonly rate?: number })[], threads: number): Promise<Muon> {
    const groups = new Map<string, Group>()
    const sized = placements.map(({ shape, offset, rate = 1 }) => {
      const [rows, columns] = matrixSides(shape)
      return { rows, columns, offset, rate }
    })
    for (const [name, alike] of Map.groupBy(sized, ({ rows, columns }) => `${rows}x${columns}`)) {
      const { rows, columns } = alike[0] as (typeof sized)[number]
      const values = new Float32Array(alike.length * rows * columns)
      groups.set(name, { name, rows, columns, offsets: alike.map(({ offset }) => offset), rates: alike.map(({ rate }) => rate), values })
    }
    if (groups.size === 0) return new Muon(undefined, [])
    const graph = new Graph('orthogonal')
    for (const { name, rows, columns, offsets } of groups.values())
      graph.output(`o/${name}`, orthogonal(graph.input(name, 'float32', [offsets.length, rows, columns])))
    // Lists of choices are read where no native library may be loaded.
    const { Session } = await import('../../runtime/session.ts')
    return new Muon(await Session.create(graph, { threads }), [...groups.values()])
  }

  /** Updates the weights and their momentum `m` in place. */
  async update(params: Float32Array, grads: Float32Array, m: Float32Array, { lr, momentum, weightDecay }: MuonOptions): Promise<void> {
    const feeds: Record<string, Tensor> = {}
    for (const { name, rows, columns, offsets, values } of this.#groups) {
      const size = rows * columns
      for (const [n, offset] of offsets.entries())
        for (let i = 0; i < size; i++) {
          const g = grads[offset + i] ?? 0
          const mean = momentum * (m[offset + i] ?? 0) + (1 - momentum) * g
          m[offset + i] = mean
          // Nesterov's: a step ahead.
          values[n * size + i] = momentum * mean + (1 - momentum) * g
        }
      feeds[name] = { shape: [offsets.length, rows, columns], data: values }
    }
    if (!this.#session) return
    const outputs = await this.#session.run(feeds)
    for (const { name, rows, columns, offsets, rates } of this.#groups) {
      const { data } = outputs[`o/${name}`] as Tensor
      const size = rows * columns
      for (const [n, offset] of offsets.entries()) {
        const own = lr * (rates[n] ?? 1)
        const [keep, step] = [1 - own * weightDecay, own * updateScale(rows, columns)]
        for (let i = 0; i < size; i++) params[offset + i] = keep * (params[offset + i] ?? 0) - step * (data[n * size + i] ?? 0)
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session?.[Symbol.asyncDispose]()
  }
}

const options = z.object({
  momentum: z.number().min(0).lt(1).default(0.95).meta({ description: 'share of the momentum that is kept from step to step', step: 0.01 }),
  beta1: z
    .number()
    .min(0)
    .lt(1)
    .default(0.9)
    .meta({ description: 'of what is no matrix: share of the mean gradient that is kept from step to step', step: 0.01 }),
  beta2: z
    .number()
    .min(0)
    .lt(1)
    .default(0.999)
    .meta({ description: 'of what is no matrix: share of the mean squared gradient that is kept from step to step', step: 0.001 }),
  eps: z.number().positive().default(1e-8).meta({ description: 'added to the root of the mean square, against division by 0' }),
  weightDecay: z.number().min(0).default(0.01),
})

/** Whether there is anything to make orthogonal: a single row or column has but a length. */
const isMatrix = (shape: readonly number[]): boolean => matrixSides(shape).every((side) => side > 1)

/** Muon on matrices and kernels, AdamW on all else. */
export const muon: Optimizer<typeof options> = {
  name: 'muon',
  title: 'Muon',
  sentence:
    'Makes the momentum of each matrix orthogonal, so that every direction learns at the same pace: few steps reach far. Half the memory of AdamW, each step takes longer.',
  options,
  bytes: (shape) => (isMatrix(shape) ? 4 : 8) * elementCount(shape),
  async open({ length }, { placements, ranges }, { momentum, weightDecay, ...adam }) {
    const placed = placements.map((placement) => {
      const range = ranges.find(({ from, to }) => from <= placement.offset && placement.offset < to)
      return { ...placement, rate: range?.rate ?? 1 }
    })
    // One thread: the same bits whatever the machine.
    const matrices = await Muon.create(
      placed.filter(({ shape }) => isMatrix(shape)),
      1,
    )
    const m = new Float32Array(length)
    const others = placed.filter(({ shape }) => !isMatrix(shape)).map((one) => ({ ...one, size: elementCount(one.shape) }))
    // Of the others alone, one behind the other.
    const { v } = init(others.reduce((sum, { size }) => sum + size, 0))
    return {
      vectors: { m, ...(v.length > 0 ? { v } : {}) },
      async update(theta, gradient, { lr, step }) {
        let at = 0
        for (const { offset, size, rate } of others) {
          const [weights, g, mean] = [theta, gradient, m].map((all) => all.subarray(offset, offset + size)) as [
            Float32Array,
            Float32Array,
            Float32Array,
          ]
          update(weights, g, { m: mean, v: v.subarray(at, at + size) }, { ...adam, lr: lr * rate, weightDecay, step })
          at += size
        }
        await matrices.update(theta, gradient, m, { lr, momentum, weightDecay })
      },
      [Symbol.asyncDispose]: () => matrices[Symbol.asyncDispose](),
    }
  },
}
