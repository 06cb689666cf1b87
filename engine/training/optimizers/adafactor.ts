// Shazeer & Stern 2018, "Adafactor: Adaptive Learning Rates with Sublinear Memory Cost" (arXiv 1804.04235): of the squared gradients of a matrix the sums
// of its rows and columns alone are kept. Reference: transformers Adafactor, which takes the last two axes of a kernel as its matrix.
import { z } from 'zod'
import { PigmentError } from '../../requests/error.ts'
import { elementCount } from '../../tensor/tensor.ts'
import { globalNorm } from './clip.ts'
import type { Optimizer } from './optimizer.ts'

const options = z.object({
  beta1: z
    .number()
    .min(0)
    .lt(1)
    .default(0)
    .meta({ description: 'share of the mean update that is kept from step to step; 0 keeps none', step: 0.01 }),
  eps: z.number().positive().default(1e-30).meta({ description: 'added to squared gradients, against division by 0' }),
  leastScale: z
    .number()
    .positive()
    .default(1e-3)
    .meta({ description: 'least size that weights are taken to have where steps go by their size', logarithmic: true }),
  clipThreshold: z
    .number()
    .positive()
    .default(1)
    .meta({ description: 'greatest root mean square of an update, in learning rates', step: 0.1 }),
  decayRate: z
    .number()
    .min(-1)
    .lt(0)
    .default(-0.8)
    .meta({ description: 'power of the step by which less of the mean square is given up', step: 0.1 }),
  scaleParameter: z.boolean().default(false).meta({ description: 'steps go by the size of the weights' }),
  relativeStep: z
    .boolean()
    .default(false)
    .meta({ description: 'the rate follows from the step alone, 1/100 at most; learning rate, course and warm-up are not used' }),
  warmupInit: z.boolean().default(false).meta({ description: 'such a rate begins at a millionth' }),
  weightDecay: z.number().min(0).default(0.01),
})

/** Lengths of the means that are kept of a tensor: of rows and columns of each of its matrices, or, with one axis, of each number. */
function kept(shape: readonly number[]): Readonly<Record<'row' | 'column' | 'square', number>> {
  const [rows, columns] = [shape.at(-2) ?? 0, shape.at(-1) ?? 0]
  const matrices = elementCount(shape.slice(0, -2))
  return shape.length < 2
    ? { row: 0, column: 0, square: elementCount(shape) }
    : { row: matrices * rows, column: matrices * columns, square: 0 }
}

const rms = (values: Float32Array): number => globalNorm(values) / Math.sqrt(values.length)

export const adafactor: Optimizer<typeof options> = {
  name: 'adafactor',
  title: 'Adafactor',
  sentence:
    'Keeps the mean square of a matrix by rows and columns alone: a small part of the memory of AdamW, and nearly its quality. Choose it where memory is short.',
  options,
  usual: { lr: 1e-3 },
  bytes(shape, { beta1 }) {
    const { row, column, square } = kept(shape)
    return 4 * (row + column + square + (beta1 > 0 ? elementCount(shape) : 0))
  },
  /** Throws `adafactor-warmup`, `adafactor-course`. */
  fits({ course = 'constant', warmup = 0 }, { relativeStep, warmupInit }) {
    const begins =
      'Adafactor begins at a millionth (warmupInit) only where its rate follows from the step (relativeStep), which is off. Turn relativeStep on, or warmupInit off.'
    if (warmupInit && !relativeStep) throw new PigmentError('adafactor-warmup', begins, {})
    const own = `Adafactor's rate follows from the step (relativeStep), and the course "${course}" with a warm-up of ${warmup} steps would do nothing. Choose "constant" and a warm-up of 0, or turn relativeStep off.`
    if (relativeStep && (course !== 'constant' || warmup > 0)) throw new PigmentError('adafactor-course', own, { course, warmup })
  },
  open({ length }, { placements, ranges }, { beta1, eps, leastScale, clipThreshold, decayRate, weightDecay, ...more }) {
    const lengths = { row: 0, column: 0, square: 0 }
    const tensors = placements.map(({ shape, offset }) => {
      const own = kept(shape)
      const at = { ...lengths }
      for (const name of ['row', 'column', 'square'] as const) lengths[name] += own[name]
      const rate = ranges.find(({ from, to }) => from <= offset && offset < to)?.rate ?? 1
      return { offset, size: elementCount(shape), rate, rows: shape.at(-2) ?? 1, columns: shape.at(-1) ?? 1, own, at }
    })
    const means = Object.entries(lengths).flatMap(([name, size]) => (size > 0 ? [[name, new Float32Array(size)] as const] : []))
    const vectors: Readonly<Record<string, Float32Array>> = {
      ...Object.fromEntries(means),
      ...(beta1 > 0 ? { m: new Float32Array(length) } : {}),
    }
    const room = new Float32Array(Math.max(0, ...tensors.map(({ size }) => size)))
    return {
      vectors,
      update(theta, gradient, { lr, step }) {
        const keeps = 1 - step ** decayRate
        const relative = Math.min(more.warmupInit ? 1e-6 * step : 1e-2, 1 / Math.sqrt(step))
        for (const { offset, size, rate, rows, columns, own, at } of tensors) {
          const [weights, g] = [theta.subarray(offset, offset + size), gradient.subarray(offset, offset + size)]
          const of = (name: keyof typeof own): Float32Array => vectors[name]?.subarray(at[name], at[name] + own[name]) ?? new Float32Array()
          const u = room.subarray(0, size)
          if (own.square > 0) byNumber(u, g, of('square'), keeps, eps)
          else byMatrix(u, g, { row: of('row'), column: of('column'), rows, columns }, keeps, eps)
          const scale = more.scaleParameter ? Math.max(leastScale, rms(weights)) : 1
          const rateNow = rate * scale * (more.relativeStep ? relative : lr)
          const reach = rateNow / Math.max(1, rms(u) / clipThreshold)
          const keep = 1 - weightDecay * rateNow
          const m = vectors.m?.subarray(offset, offset + size)
          for (let i = 0; i < size; i++) {
            let change = reach * (u[i] ?? 0)
            if (m) m[i] = change = beta1 * (m[i] ?? 0) + (1 - beta1) * change
            weights[i] = keep * (weights[i] ?? 0) - change
          }
        }
      },
    }
  },
}

/** The gradient over the root of its own mean square, into `u`. */
function byNumber(u: Float32Array, g: Float32Array, square: Float32Array, keeps: number, eps: number): void {
  for (let i = 0; i < g.length; i++) {
    const mean = keeps * (square[i] ?? 0) + (1 - keeps) * ((g[i] ?? 0) ** 2 + eps)
    square[i] = mean
    u[i] = (g[i] ?? 0) / Math.sqrt(mean)
  }
}

interface Matrices {
  readonly row: Float32Array
  readonly column: Float32Array
  readonly rows: number
  readonly columns: number
}

/** The gradient over the root of (mean of its row · mean of its column / mean of all rows) of squares, into `u`. */
function byMatrix(u: Float32Array, g: Float32Array, { row, column, rows, columns }: Matrices, keeps: number, eps: number): void {
  const size = rows * columns
  const [ofRow, ofColumn] = [new Float64Array(rows), new Float64Array(columns)]
  for (let n = 0; n * size < g.length; n++) {
    ofRow.fill(0)
    ofColumn.fill(0)
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++) {
        const square = (g[n * size + i * columns + j] ?? 0) ** 2 + eps
        ofRow[i] = (ofRow[i] ?? 0) + square
        ofColumn[j] = (ofColumn[j] ?? 0) + square
      }
    let all = 0
    for (let i = 0; i < rows; i++) {
      row[n * rows + i] = keeps * (row[n * rows + i] ?? 0) + ((1 - keeps) * (ofRow[i] ?? 0)) / columns
      all += (row[n * rows + i] ?? 0) / rows
    }
    for (let j = 0; j < columns; j++) {
      const at = n * columns + j
      column[at] = keeps * (column[at] ?? 0) + ((1 - keeps) * (ofColumn[j] ?? 0)) / rows
    }
    for (let i = 0; i < rows; i++) {
      const scale = Math.sqrt(all / (row[n * rows + i] ?? 0))
      for (let j = 0; j < columns; j++) {
        const at = n * size + i * columns + j
        u[at] = ((g[at] ?? 0) * scale) / Math.sqrt(column[n * columns + j] ?? 0)
      }
    }
  }
}
