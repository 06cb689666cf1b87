// The backward pass of attention without its T × T′ matrices: of one head after the other, a chunk of its queries at a time, whose weights are
// computed again.
import type { Shape } from '../../graph/dims.ts'
import { Graph, type Value } from '../../graph/graph.ts'
import {
  add,
  concat,
  div,
  expandTo,
  ints,
  matMul,
  mul,
  neg,
  reduceSum,
  reshape,
  reshapeTo,
  shapeOf,
  slice,
  softmax,
  sub,
  transpose,
} from '../../graph/math.ts'

/** Numbers in the weights of a chunk. Products of fewer rows are slower, more leave the processor's cache and take memory. */
const chunkNumbers = 2 ** 23

interface Attended {
  /** (N, T, heads·d), (N, T′, heads·d) twice. */
  readonly query: Value
  readonly key: Value
  readonly value: Value
  /** Added to the scores: (1 | N, 1 | heads, T, T′). */
  readonly bias?: Value | undefined
  readonly output: Value
  readonly grad: Value
  readonly heads: number
  readonly scale: number
  /** Numbers in the weights of a chunk, if not as many as usual. */
  readonly most?: number
}

/**
 * With P = softmax(s·QKᵀ + bias), O = PV and D = Σ dO ⊙ O by row: dV = Pᵀ·dO, dS = P ⊙ (dO·Vᵀ − D), dQ = s·dS·K, dK = s·dSᵀ·Q
 * (Dao et al. 2022, FlashAttention, appendix B.2). A row's softmax needs no other row, so that chunks of rows give the same numbers.
 */
export function attentionGradients(attended: Attended): Record<'query' | 'key' | 'value', Value> {
  const { query, key, value, bias, output, grad, heads, scale, most = chunkNumbers } = attended
  const { graph } = query
  const size = (query.dim(-1) as number) / heads
  const one = (x: Value, axis: number): Value => shapeOf(x, axis, axis + 1)
  const byHead = (x: Value): Value => {
    const turned = transpose(reshape(x, [0, 0, heads, size]), [0, 2, 1, 3])
    return reshapeTo(turned, concat([ints(graph, [-1]), shapeOf(turned, 2, 4)], 0)) // (N·heads, T, d)
  }
  const whole = (x: Value, like: Value): Value => {
    const turned = reshapeTo(x, concat([one(like, 0), ints(graph, [heads, -1, size])], 0))
    return reshapeTo(transpose(turned, [0, 2, 1, 3]), shapeOf(like)) // (N, T, heads·d)
  }
  const [q, k, v, dO] = [mul(query, scale), key, value, grad].map(byHead) as [Value, Value, Value, Value]
  const D = reduceSum(mul(dO, byHead(output)), [-1])

  const [B, T, T2] = [one(q, 0), one(q, 1), one(k, 1)]
  const up = (a: Value, b: Value): Value => div(add(a, sub(b, ints(graph, [1]))), b)
  const rows = up(T, up(mul(T, T2), ints(graph, [most])))
  const chunks = up(T, rows)
  // The last chunk of a head is filled up with rows of zeros, which add nothing.
  const extra = sub(mul(chunks, rows), T)
  const filled = (x: Value): Value =>
    graph.op('Pad', [x, concat([ints(graph, zeros(2 * x.rank - 2)), extra, ints(graph, [0])], 0)])[0] as Value
  // dO·Vᵀ − D is one product: D as one more column on the left, ones as one more row on the right.
  const ones = expandTo(graph.constant('float32', [1, 1, 1], [1]), concat([B, ints(graph, [1]), T2], 0))
  const turned = (x: Value): Value => transpose(x, [0, 2, 1])
  const body = chunkBody({
    name: grad.name,
    queries: filled(q),
    keys: k,
    keysTurned: turned(k),
    valuesTurned: concat([turned(v), ones], 1),
    grads: filled(concat([dO, neg(D)], 2)),
    bias: bias && { value: filled(bias), shape: bias.shape, heads },
    chunks,
    rows,
    workspace: 3 * 4 * most, // scores or dO·Vᵀ, P, dS
  })
  const [dQ, dK, dV] = graph.op('Loop', [reshape(mul(B, chunks), []), undefined], { body }) as [Value, Value, Value]
  const ofChunks = (x: Value): Value => reduceSum(reshapeTo(x, concat([B, chunks, ints(graph, [-1, size])], 0)), [1], false)
  const inRows = slice(reshapeTo(dQ, concat([B, ints(graph, [-1, size])], 0)), 1, 0, T)
  return { query: mul(whole(inRows, query), scale), key: whole(ofChunks(dK), key), value: whole(ofChunks(dV), value) }
}

const zeros = (count: number): number[] => Array<number>(count).fill(0)

interface Chunked {
  /** Unique in the graph: no name inside the body may be one around it. */
  readonly name: string
  readonly queries: Value
  readonly keys: Value
  readonly keysTurned: Value
  readonly valuesTurned: Value
  readonly grads: Value
  readonly bias: { readonly value: Value; readonly shape: Shape; readonly heads: number } | undefined
  /** int64 (1): of a head, and in each. */
  readonly chunks: Value
  readonly rows: Value
  readonly workspace: number
}

/** One chunk of one head: dQ of its rows, and what they add to dK and dV. */
function chunkBody({ name, bias, ...around }: Chunked): Graph {
  const body = new Graph(`${name}/chunk`)
  body.workspace = around.workspace
  body.scope(`${name}/chunk`, () => {
    const round = reshape(body.input(`${name}/round`, 'int64', []), [1])
    const going = body.input(`${name}/going`, 'bool', [])
    const [chunks, rows] = [body.outer(around.chunks), body.outer(around.rows)]
    const next = (at: Value): Value => add(at, ints(body, [1]))
    const head = div(round, chunks)
    const first = mul(sub(round, mul(head, chunks)), rows)
    const last = add(first, rows)
    const cut = (x: Value, axes: readonly number[], starts: readonly Value[], ends: readonly Value[]): Value => {
      const along = [concat(starts, 0), concat(ends, 0), ints(body, axes), ints(body, Array<number>(axes.length).fill(1))]
      return body.op('Slice', [x, ...along])[0] as Value
    }
    /** The mask's own rows for this head of this batch row; where it has one for all, that one. */
    const masked = (scores: Value): Value => {
      if (!bias) return scores
      const heads = ints(body, [bias.heads])
      const batch = div(head, heads)
      const of = (at: Value, axis: number): Value => (bias.shape[axis] === 1 ? ints(body, [0]) : at)
      const [n, h] = [of(batch, 0), of(sub(head, mul(batch, heads)), 1)]
      const some = cut(body.outer(bias.value), [0, 1, 2], [n, h, first], [next(n), next(h), last])
      return add(scores, reshapeTo(some, shapeOf(some, 1)))
    }
    const ofHead = (x: Value): Value => cut(body.outer(x), [0], [head], [next(head)])
    const ofChunk = (x: Value): Value => cut(body.outer(x), [0, 1], [head, first], [next(head), last])
    const [q, dO] = [ofChunk(around.queries), ofChunk(around.grads)]
    const P = softmax(masked(matMul(q, ofHead(around.keysTurned))))
    const dS = mul(P, matMul(dO, ofHead(around.valuesTurned)))
    const turned = (x: Value): Value => transpose(x, [0, 2, 1])
    body.output(`${name}/on`, body.op('Identity', [going])[0] as Value)
    body.output(`${name}/dQ`, matMul(dS, ofHead(around.keys)))
    body.output(`${name}/dK`, matMul(turned(dS), q))
    body.output(`${name}/dV`, matMul(turned(P), slice(dO, 2, 0, around.keys.dim(-1) as number)))
  })
  return body
}
