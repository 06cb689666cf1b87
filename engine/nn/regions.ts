// Where adapters of a stack act in the picture, as inputs of a graph. Adapters stand in G groups: the first acts everywhere, each of the others in a
// region of its own. h w cells of a level, T = h·w, T′ tokens of the text, R rank, d width of a head.
//
// What an adapter adds to a cell is multiplied by its mask there, m: Σ m·s·B·A·x = B·(M ⊙ A·x), with the mask of each rank's adapter in M. That is what
// FreeFuse does with the layers of a picture (arXiv 2510.23515; its `FreeFuseLinear`). Keys and values of the text have no place in the picture, and
// FreeFuse lets them act everywhere but on other adapters' words; here each group has keys and values of its own, and a cell hears
// k = Σ_g w_g·k_g with w = m of the regions and w₀ = 1 − Σ m: just the text as those adapters have it that act there.
import type { Graph, Value } from '../graph/graph.ts'
import { concat, ints, matMul, mul, reduceMean, reduceSum, reshape, reshapeTo, shapeOf, slice, softmax, transpose } from '../graph/math.ts'

/** What lies at a place of the network: cells of a level, tokens of the text in G blocks, one vector a group, or one vector for all. */
export type Place = number | 'text' | 'groups' | 'all'

/** Names of the inputs. */
export const regionInputs = {
  /** m: (G, h, w). */
  map: (level: number): string => `region.map/${level}`,
  /** w: (T, G). */
  shares: (level: number): string => `region.shares/${level}`,
  /** Who acts on a block of the text's tokens: (G·T′, G). */
  text: 'region.text',
  /** Who acts in a group: (G, G), itself and the first. */
  groups: 'region.groups',
  /** Which group each rank of a layer belongs to: (G, R), a one in each column. */
  ranks: (path: string): string => `region.ranks/${path}`,
} as const

/** Names of the outputs of a block that is looked at: the weights of the text in each cell, mean of the heads (N, T, T′), and what the cells are like, (N, T, C). */
export const regionOutputs = { attention: 'region.attention', features: 'region.features' } as const

interface RegionalAttention {
  readonly heads: number
  readonly level: number
  readonly block?: string
}

export class Regions {
  readonly #graph: Graph
  readonly #made = new Map<string, Value>()
  /** The transformer block whose view of text and picture is told with every run. */
  readonly #seen: string | undefined
  constructor(graph: Graph, seen?: string) {
    this.#graph = graph
    this.#seen = seen
  }

  /** What the block's self-attention makes of the picture, (N, T, C). */
  see(block: string, features: Value): void {
    if (block === this.#seen) this.#graph.output(regionOutputs.features, features)
  }

  /** `inside` (…, R) or (N, R, h, w), what a layer of this place makes of x by the A of all adapters: each rank where its adapter acts. */
  confined(inside: Value, path: string, place: Place): Value {
    const ranks = this.#graph.input(regionInputs.ranks(path), 'float32', ['G', inside.dim(inside.rank === 4 ? 1 : -1)])
    if (inside.rank < 4) return mul(inside, matMul(this.#who(place), ranks))
    const map = this.#map(place as number)
    const cells = matMul(transpose(ranks, [1, 0]), reshape(map, [0, -1])) // (R, T)
    return mul(inside, reshapeTo(cells, concat([shapeOf(ranks, 1, 2), shapeOf(map, 1, 3)], 0)))
  }

  /** One vector a group, (N, G, C), as each cell of a level has it: (N, T, C). */
  spread(vectors: Value, level: number): Value {
    return matMul(this.#shares(level), vectors)
  }

  /** softmax(q·kᵀ / √d)·v of (N, T, D) queries over keys and values of the text in G blocks, (N, G·T′, D). */
  attention(q: Value, k: Value, v: Value, { heads, level, block }: RegionalAttention): Value {
    const width = q.dim(-1) as number
    const size = width / heads
    const shares = this.#shares(level)
    const byHead = (x: Value, order: readonly number[]) => transpose(reshape(x, [0, 0, heads, size]), order)
    const groups = shapeOf(shares, 1, 2)
    const rest = ints(q.graph, [-1])
    const each = matMul(byHead(mul(q, 1 / Math.sqrt(size)), [0, 2, 1, 3]), byHead(k, [0, 2, 3, 1])) // (N, heads, T, G·T′)
    const apart = reshapeTo(each, concat([shapeOf(each, 0, 3), groups, rest], 0)) // (N, heads, T, G, T′)
    const weights = softmax(reduceSum(mul(apart, this.#column(shares)), [3], false)) // (N, heads, T, T′)
    if (block !== undefined && block === this.#seen) this.#graph.output(regionOutputs.attention, reduceMean(weights, [1], false))
    const values = byHead(v, [0, 2, 1, 3]) // (N, heads, G·T′, d)
    const blocks = reshapeTo(values, concat([shapeOf(values, 0, 2), groups, rest, ints(q.graph, [size])], 0)) // (N, heads, G, T′, d)
    const beside = reshapeTo(weights, concat([shapeOf(weights, 0, 2), ints(q.graph, [1]), shapeOf(weights, 2, 4)], 0))
    const mixed = reduceSum(mul(matMul(beside, blocks), this.#column(transpose(shares, [1, 0]))), [2], false) // (N, heads, T, d)
    return reshape(transpose(mixed, [0, 2, 1, 3]), [0, 0, width])
  }

  /** (a, b) → (a, b, 1). */
  #column(x: Value): Value {
    return reshapeTo(x, concat([shapeOf(x), ints(this.#graph, [1])], 0))
  }

  /** Which groups act on what lies there: (…, G). */
  #who(place: Place): Value {
    if (place === 'text') return this.#input(regionInputs.text, ['GT', 'G'])
    if (place === 'groups') return this.#groups()
    if (place === 'all') return this.#kept('all', () => slice(this.#groups(), 0, 0, 1))
    return this.#kept(`tokens/${place}`, () => transpose(reshape(this.#map(place), [0, -1]), [1, 0]))
  }

  #groups(): Value {
    return this.#input(regionInputs.groups, ['G', 'G'])
  }
  #map(level: number): Value {
    return this.#input(regionInputs.map(level), ['G', `h${level}`, `w${level}`])
  }
  #shares(level: number): Value {
    return this.#input(regionInputs.shares(level), [`T${level}`, 'G'])
  }
  #input(name: string, shape: readonly string[]): Value {
    return this.#kept(name, () => this.#graph.input(name, 'float32', shape))
  }
  #kept(name: string, make: () => Value): Value {
    const value = this.#made.get(name) ?? make()
    this.#made.set(name, value)
    return value
  }
}
