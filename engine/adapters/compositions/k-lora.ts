// K-LoRA: in each layer and step either the subject's LoRA acts or the style's. Ouyang et al. 2025, "K-LoRA: Unlocking Training-Free Fusion of Any Subject
// and Style LoRAs", arXiv 2502.18461: S is the sum of the K = r₁·r₂ largest of |ΔW|; the subject acts where S₁ / γ > S₂ · s(t), with γ the mean over
// layers of Σ|ΔW₁| / Σ|ΔW₂| and s(t) = α·t + β, or s*(t) = (α·t + β) mod α, t from 0 at the first step to 1. Its code counts calls of layers, of 28000;
// here all layers of a step have the step's t.
import { z } from 'zod'
import { elementCount } from '../../tensor/tensor.ts'
import type {} from '../../requests/option.ts'
import type { Composition, Composed } from '../composition.ts'
import { rankOf } from '../low-rank.ts'
import type { ActiveTerm } from '../stack.ts'
import { addTerm, type Change } from '../term.ts'
import { topSum } from '../top-sum.ts'

const options = z.object({
  kloraAlpha: z
    .number()
    .min(0)
    .max(20)
    .default(1.5)
    .meta({ description: 'how much the style gains over the steps (alpha)', step: 0.1, written: 'K-LoRA alpha' }),
  kloraBeta: z
    .number()
    .min(0)
    .max(20)
    .default(0.5)
    .meta({ description: 'what the style counts at the first step (beta)', step: 0.1, written: 'K-LoRA beta' }),
  kloraWrap: z.boolean().default(false).meta({
    description: 'the scale begins at 0 again where it reaches alpha: s* of the paper, with beta 0.85 alpha',
    written: 'K-LoRA wrap',
  }),
})
type Options = z.output<typeof options>

export const kLora: Composition<typeof options> = {
  name: 'k-lora',
  title: 'K-LoRA',
  sentence:
    'In each layer and step the first of two adapters, the subject, or the second, the style: whichever changes the layer more, the style ever more so.',
  options,
  most: 2,
  shares(composed, chosen) {
    const [subject] = composed.entries
    const ratios = layerRatios(composed)
    return (entry, path, { step }) => {
      const ratio = ratios.get(path)
      if (ratio === undefined) return 1
      return (entry === subject) === ratio > scaleAt(chosen, step / composed.steps) ? 1 : 0
    }
  },
}

/** s(t), and where it wraps s*(t). */
function scaleAt({ kloraAlpha: alpha, kloraBeta: beta, kloraWrap }: Options, t: number): number {
  const scale = alpha * t + beta
  return kloraWrap && alpha > 0 ? scale % alpha : scale
}

/** S₁ / (γ S₂) of each layer that both change. */
function layerRatios({ terms, entries: [subject, style] }: Composed): Map<string, number> {
  const layers = [...terms].flatMap(([path, active]) => {
    const [one, two] = [changesOf(active, subject), changesOf(active, style)]
    if (!one || !two) return []
    const K = rankOfAll(one) * rankOfAll(two)
    return [{ path, one: measured(one, K), two: measured(two, K) }]
  })
  const shares = layers.flatMap(({ one, two }) => (two.all > 0 ? one.all / two.all : []))
  const gamma = shares.reduce((sum, share) => sum + share, 0) / shares.length
  return new Map(layers.map(({ path, one, two }) => [path, one.top / gamma / two.top]))
}

/** What is added to a weight: gains and shifts are not measured. */
type Changes = readonly [Change, ...Change[]]

function changesOf(active: readonly ActiveTerm[], entry: number | undefined): Changes | undefined {
  const found = active.flatMap(({ term, ...one }) =>
    one.entry === entry && (term.kind === 'low-rank' || term.kind === 'dense') ? term : [],
  )
  const [first, ...rest] = found
  return first && [first, ...rest]
}

const shapeOf = (change: Change): readonly number[] =>
  change.kind === 'dense' ? change.delta.shape : [change.up.shape[0] ?? 0, ...change.down.shape.slice(1)]

/** A whole difference is of the rank of its matrix. */
function rankOfAll(changes: Changes): number {
  const ranks = changes.map((change) => {
    if (change.kind === 'low-rank') return rankOf(change)
    const [outputs = 0, ...window] = change.delta.shape
    return Math.min(outputs, elementCount(window))
  })
  return ranks.reduce((sum, rank) => sum + rank, 0)
}

interface Measured {
  /** Σ|ΔW| */
  readonly all: number
  /** S: of the K largest. */
  readonly top: number
}

/** Terms are the same from picture to picture. */
const known = new WeakMap<Change, Map<number, Measured>>()

function measured(changes: Changes, K: number): Measured {
  const [first] = changes
  const before = known.get(first) ?? new Map<number, Measured>()
  known.set(first, before)
  const found = before.get(K) ?? measure(changes, K)
  before.set(K, found)
  return found
}

function measure(changes: Changes, K: number): Measured {
  const shape = shapeOf(changes[0])
  const values = new Float32Array(elementCount(shape))
  for (const change of changes) addTerm(values, { shape, data: values }, change, 1)
  let all = 0
  for (let i = 0; i < values.length; i++) all += values[i] = Math.abs(values[i] ?? 0)
  return { all, top: topSum(values, Math.min(K, values.length)) }
}
