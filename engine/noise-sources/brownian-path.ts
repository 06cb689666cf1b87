// A Brownian path of one seed, whose increments do not depend on where and in which order it is asked: halves of halves, each by a seed of its place.
// Source: google-research/torchsde, _brownian/brownian_interval.py (halfway_tree), as crowsonkb/k-diffusion, BrownianTreeNoiseSampler, takes it.
import { seedSequence } from './seed-sequence.ts'

const poolSize = 24
/** Ways shorter than this are one point. */
const digits = 6
/** As many increments are kept; the others are made again. */
const kept = 45

interface Node {
  readonly start: number
  readonly end: number
  readonly place: number
  readonly depth: number
  readonly parent?: Node
  halves?: { readonly middle: number; readonly seed: number; readonly left: Node; readonly right: Node }
}

/** Unit normal noise of ways from one σ to another between `low` and `high`; `normal` has that of a seed. */
export function brownianPath(
  seed: number,
  count: number,
  { low, high }: { readonly low: number; readonly high: number },
  normal: (seed: number, count: number) => Float32Array,
): (from: number, to: number) => Float32Array {
  const [t0, t1] = [Math.fround(low), Math.fround(high)]
  const top: Node = { start: rounded(t0), end: rounded(t1), place: 0, depth: 0 }
  const whole = scaled(normal(seedSequence(seed, [], poolSize, 1)[0] ?? 0, count), Math.sqrt(t1 - t0))
  const known = new Map<Node, Float32Array>()

  const increment = (node: Node): Float32Array => {
    const { parent } = node
    if (!parent?.halves) return whole
    const had = known.get(node)
    if (had) return had
    const all = increment(parent)
    const { left, middle, seed } = parent.halves
    const [before, behind, length] = [middle - parent.start, parent.end - middle, parent.end - parent.start]
    const [share, spread] = length > 0 ? [before / length, Math.sqrt((before * behind) / length)] : [0, 0]
    const fresh = normal(seed, count)
    const isLeft = node === left
    const own = all.map((value, i) => {
      const first = Math.fround(share * value + spread * (fresh[i] ?? 0))
      return isLeft ? first : value - first
    })
    known.set(node, own)
    const [oldest] = known.size > kept ? known.keys() : []
    if (oldest) known.delete(oldest)
    return own
  }

  const split = (node: Node, at: number): void => {
    const middle = rounded(0.5 * (node.end + node.start))
    const seeds = seedSequence(seed, [node.place, node.depth], poolSize, 1)
    const half = (start: number, end: number, side: number): Node => ({
      ...{ start, end, place: 2 * node.place + side, depth: node.depth + 1, parent: node },
    })
    const [left, right] = [half(node.start, middle, 0), half(middle, node.end, 1)]
    node.halves = { middle, seed: seeds[0] ?? 0, left, right }
    // Until the point itself parts two of them.
    if (at > middle && middle > node.start) split(right, at)
    else if (at < middle && middle < node.end) split(left, at)
  }

  /** The nodes that make up a way. */
  const found = (node: Node, from: number, to: number): Node[] => {
    if (from >= to) return []
    if (from === node.start && to === node.end) return [node]
    if (!node.halves) split(node, from === node.start ? to : from)
    const { middle, left, right } = node.halves ?? { middle: node.end, left: node, right: node }
    if (to <= middle) return found(left, from, to)
    if (from >= middle) return found(right, from, to)
    return [...found(left, from, middle), ...found(right, middle, to)]
  }

  return (from, to) => {
    const [a, b] = [Math.fround(from), Math.fround(to)]
    const within = (t: number): number => rounded(Math.min(top.end, Math.max(top.start, t)))
    const sum = new Float32Array(count)
    for (const node of found(top, within(Math.min(a, b)), within(Math.max(a, b)))) {
      const own = increment(node)
      for (let i = 0; i < count; i++) sum[i] = (sum[i] ?? 0) + (own[i] ?? 0)
    }
    return scaled(sum, (a > b ? -1 : 1) / Math.sqrt(Math.abs(b - a)))
  }
}

const rounded = (t: number): number => Number(t.toFixed(digits))
const scaled = (values: Float32Array, by: number): Float32Array => values.map((value) => value * by)
