// Training on a card: one run of a session makes many steps, so that weights, moments and averages stay in the card's memory between them. The graph
// of a step, gradients included, becomes the body of a Loop; clipping, AdamW or Muon and the average of the weights follow inside it on one flat vector.
import type { Shape } from '../../../engine/graph/dims.ts'
import { Graph, type Value } from '../../../engine/graph/graph.ts'
import { add, clip, concat, div, gather, mul, reciprocal, reduceSum, reshape, split, sqrt, sub } from '../../../engine/graph/math.ts'
import '../../../engine/ops/index.ts'
import { matrixSides, orthogonal, updateScale } from '../../../engine/training/optimizers/muon.ts'
import { layoutOf, type Placement } from '../../../engine/runtime/flat-parameters.ts'
import type { Feed } from '../../../engine/runtime/session.ts'
import type { Tensor } from '../../../engine/tensor/tensor.ts'
import type { TrainingGraph } from '../graphs.ts'
import { adamwSettings, muonMomentum } from '../recipe-optimizer.ts'
import { inline } from './inline.ts'
import { fromRows, rowsOf, rowWidth, toRows, type Rows } from './parameter-rows.ts'

export const state = ['theta', 'm', 'v', 'average'] as const
const { beta1, beta2, eps } = adamwSettings

/** What a step is updated with; steps are counted from 1. */
export interface RoundUpdate {
  readonly lr: number
  readonly weightDecay: number
  readonly step: number
  /** Of the average of the weights. */
  readonly decay: number
}

/** What a round of the body reads of its step: θ's shrinkage, the size of the update, the root's correction, how far the average moves, the rate. */
export function courseRow({ lr, weightDecay, step, decay }: RoundUpdate): number[] {
  return [1 - lr * weightDecay, lr / (1 - beta1 ** step), 1 / Math.sqrt(1 - beta2 ** step), 1 - decay, lr]
}

type FeedType = { readonly dtype: 'float32' | 'int64'; readonly shape: Shape }
const typeOf = ({ data, shape }: Feed): FeedType => ({ dtype: data instanceof BigInt64Array ? 'int64' : 'float32', shape })

/** In place of the rows of some weights in `update`, what Muon makes of their momentum in `ahead`, times `lr`. */
function withMuon(
  update: Value,
  ahead: Value,
  lr: Value,
  placements: readonly Placement[],
  { counts }: Rows,
  muon: readonly string[],
): Value {
  if (muon.length === 0) return update
  const parts = [...split(update, 0, counts)]
  const momenta = split(ahead, 0, counts)
  const chosen = new Set(muon)
  const matrices = placements.flatMap(({ name, shape }, i) => (chosen.has(name) ? [{ i, shape, sides: matrixSides(shape) }] : []))
  for (const alike of Map.groupBy(matrices, ({ sides }) => sides.join()).values()) {
    const [rows, columns] = alike[0]!.sides
    const stacked = concat(
      alike.map(({ i, shape }) => reshape(fromRows(momenta[i] as Value, { shape }), [1, rows, columns])),
      0,
    )
    const turned = mul(mul(orthogonal(stacked), updateScale(rows, columns)), lr)
    const each = alike.length === 1 ? [turned] : split(turned, 0, Array<number>(alike.length).fill(1))
    alike.forEach(({ i, shape }, n) => (parts[i] = toRows(each[n] as Value, { shape })))
  }
  return concat(parts, 0)
}

interface Rounds {
  readonly graph: Graph
  /** Names of what each round tells, in the columns of the output `told`. */
  readonly told: readonly string[]
}

/**
 * Inputs: `rounds` (int64 []), the state (rows of θ each), `course` (rounds, 5), `steps/<feed>` (rounds, …) for what changes in each step and
 * `fixed/<feed>` for what does not. Outputs: the state after the last round, and `told` (rounds, losses and norm).
 */
export function roundsGraph(
  { graph: step, trained }: TrainingGraph,
  feeds: Record<string, Feed>,
  { fixed = {}, muon = [] }: { fixed?: Record<string, Tensor>; muon?: readonly string[] },
): Rounds {
  const { placements } = layoutOf(trained)
  const rows = rowsOf(placements)
  const { counts, total } = rows
  const size = [total, rowWidth]
  const graph = new Graph(`rounds of ${step.name}`)
  const count = graph.input('rounds', 'int64', [])

  // A loop keeps its state, and reads what is around it, where the nodes that made them left them: adding nothing brings all to the card once in a run.
  const nothing = { float32: graph.input('nothing', 'float32', []), int64: graph.input('nothing/int64', 'int64', []) }
  const kept = (name: string, { dtype, shape }: FeedType) =>
    graph.scope('around', () => add(graph.input(name, dtype, shape), nothing[dtype]))
  const before = state.map((name) => kept(`state/${name}`, { dtype: 'float32', shape: size }))
  const body = new Graph(step.name)
  const [round, going] = [body.input('round', 'int64', []), body.input('going', 'bool', [])]
  const [theta, m, v, average] = state.map((name) => body.input(`round/${name}`, 'float32', size)) as [Value, Value, Value, Value]
  const given = new Map<string, Value>()
  for (const [name, feed] of Object.entries(feeds)) {
    const { dtype, shape } = typeOf(feed)
    given.set(name, gather(body.outer(kept(`steps/${name}`, { dtype, shape: ['rounds', ...shape] })), round))
  }
  for (const [name, { shape }] of Object.entries(fixed)) given.set(name, body.outer(kept(`fixed/${name}`, { dtype: 'float32', shape })))
  split(theta, 0, counts).forEach((part, i) => given.set(placements[i]!.name, fromRows(part, placements[i]!)))
  const outputs = inline(step, body, given)

  const gradient = concat(
    placements.map((placement) => toRows(outputs.get(`d/${placement.name}`) as Value, placement)),
    0,
  )
  const norm = sqrt(reshape(reduceSum(mul(gradient, gradient), [0, 1], false), [1]))
  const clipped = mul(gradient, clip(reciprocal(add(norm, 1e-6)), 0, 1))
  const [keep, stepSize, correction, moved, lr] = split(
    gather(body.outer(kept('course', { dtype: 'float32', shape: ['rounds', 5] })), round),
    0,
    [1, 1, 1, 1, 1],
  ) as [Value, Value, Value, Value, Value]
  // Muon's momentum lasts longer than AdamW's: a row's decay is that of its weight.
  const chosen = new Set(muon)
  const decays = placements.flatMap(({ name }, i) => Array<number>(counts[i] ?? 0).fill(chosen.has(name) ? muonMomentum : beta1))
  const [lasting, fresh] = [decays, decays.map((x) => 1 - x)].map((x) => body.constant('float32', [total, 1], x)) as [Value, Value]
  const mean = add(mul(m, lasting), mul(clipped, fresh))
  const square = add(mul(v, beta2), mul(mul(clipped, clipped), 1 - beta2))
  const adamw = div(mul(mean, stepSize), add(mul(sqrt(square), correction), eps))
  const ahead = add(mul(mean, lasting), mul(clipped, fresh))
  const after = sub(mul(theta, keep), withMuon(adamw, ahead, lr, placements, rows, muon))
  const told = [...outputs.keys()].filter((name) => !name.startsWith('d/'))
  body.output('round/going', body.op('Identity', [going])[0]!)
  for (const [name, value] of [
    ['theta', after],
    ['m', mean],
    ['v', square],
    ['average', sub(average, mul(sub(average, after), moved))],
  ] as const)
    body.output(`round/next/${name}`, value)
  body.output('round/told', concat([...told.map((name) => reshape(outputs.get(name) as Value, [1])), norm], 0))

  graph.op('Loop', [count, undefined, ...before], { body }).forEach((value, i) => graph.output(state[i] ?? 'told', value))
  return { graph, told: [...told, 'norm'] }
}
