// Which layers of a network a session leaves open for adapters, and what a stack needs open.
import { isOn, type AdaptedModule } from '../adapters/stack-feeds.ts'
import type { ActiveTerms } from '../adapters/stack.ts'
import { inputNameA, inputNameB, inputNameGain } from '../adapters/stack-inputs.ts'
import type { ChannelInput, Side } from '../adapters/term.ts'
import type { Graph, Value } from '../graph/graph.ts'
import { add, mul, sub } from '../graph/math.ts'
import type { FrozenLayer } from '../nn/frozen-layer.ts'
import type { Place, Regions } from '../nn/regions.ts'

/** Each opening costs a little even where nothing is active, so it is made when a stack first needs it. */
export interface Openings {
  readonly convolutions: boolean
  /** Sides that can be scaled, and outputs that can be shifted, by path. */
  readonly gains: ReadonlyMap<string, readonly ChannelInput[]>
  /** Keys of weights that are inputs themselves. */
  readonly weights: ReadonlySet<string>
}

export const nothingMore: Openings = { convolutions: false, gains: new Map(), weights: new Set() }

const channelInputs: readonly ChannelInput[] = ['output', 'input', 'shift']

/** What a stack scales and shifts. */
export function gainsOf(terms: ActiveTerms): Openings['gains'] {
  const gains = new Map<string, ChannelInput[]>()
  for (const [path, active] of terms) {
    const scaled = channelInputs.filter((input) => active.some(({ term }) => isOn(term, input)))
    if (scaled.length > 0) gains.set(path, scaled)
  }
  return gains
}

/** What either has. */
export function joined(one: Openings, other: Openings): Openings {
  const gains = new Map(one.gains)
  for (const [path, added] of other.gains) gains.set(path, [...new Set([...(gains.get(path) ?? []), ...added])])
  return { convolutions: one.convolutions || other.convolutions, gains, weights: new Set([...one.weights, ...other.weights]) }
}

/** Where adapters may act in regions. */
export interface OpenRegions {
  readonly regions: Regions
  readonly placeOf: (path: string) => Place
}

/** Leaves every linear layer of a network open, and its convolutions if asked to: A and B become inputs, each with its own run-time rank. */
export class OpenModules {
  readonly modules: AdaptedModule[] = []
  readonly #graph: Graph
  readonly #open: Openings
  readonly #regional: OpenRegions | undefined
  constructor(graph: Graph, open: Openings = nothingMore, regional?: OpenRegions) {
    this.#graph = graph
    this.#open = open
    this.#regional = regional
  }

  readonly adapt = (layer: FrozenLayer, x: Value): Value | undefined => {
    const { path } = layer
    const weight = layer.shape
    const [outputs = 0, inputs = 0, ...kernel] = weight
    if (kernel.length > 0 && !this.#open.convolutions) return undefined
    const rank = `R${this.modules.length}`
    const gains = this.#open.gains.get(path) ?? []
    this.modules.push({ path, weight, gains, ...(this.#regional ? { regional: true } : {}) })
    const lowRank = (): Value => {
      const a = this.#graph.input(inputNameA(path), 'float32', [rank, inputs, ...kernel])
      const b = this.#graph.input(inputNameB(path), 'float32', [outputs, rank, ...kernel.map(() => 1)])
      const inside = layer.through(x, a)
      return layer.mix(this.#regional?.regions.confined(inside, path, this.#regional.placeOf(path)) ?? inside, b)
    }
    if (gains.length === 0) return layer.output(x, lowRank)
    const y = layer.biased(add(this.#scaled(layer, x, gains), lowRank()))
    if (!gains.includes('shift')) return y
    return add(y, layer.byChannel(this.#graph.input(inputNameGain(path, 'shift'), 'float32', [outputs])))
  }

  /** (diag(g) + diag(h) − 1)-like sums of both sides, exactly: W·(h⊙x) + (g − 1)⊙(W·x), and one product where one side is scaled. */
  #scaled(layer: FrozenLayer, x: Value, gains: readonly ChannelInput[]): Value {
    const [outputs = 0, inputs = 0] = layer.shape
    const input = (side: Side): Value =>
      layer.byChannel(this.#graph.input(inputNameGain(layer.path, side), 'float32', [side === 'output' ? outputs : inputs]))
    const scaledInput = gains.includes('input') ? layer.product(mul(x, input('input'))) : undefined
    if (!gains.includes('output')) return scaledInput ?? layer.product(x)
    const gain = input('output')
    return scaledInput ? add(scaledInput, mul(layer.product(x), sub(gain, 1))) : mul(layer.product(x), gain)
  }
}
