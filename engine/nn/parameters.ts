// Where a network's parameters come from: frozen slices of a file, or inputs that are trained.
import type { Graph, Value } from '../graph/graph.ts'
import type { TensorSource, WeightMap } from '../checkpoint/config.ts'
import { PigmentError } from '../requests/error.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { frozenWeight, shapeOf, type BaseWeights, type FrozenWeight } from '../weights/codec.ts'
import { dense, storedValue } from '../weights/stored-value.ts'
import type { FrozenLayer } from './frozen-layer.ts'

export interface ParameterOptions {
  /** Which weights are graph inputs to be trained; the others are frozen. Default: none. */
  readonly trainable?: (key: string) => boolean
  /** The output of a layer under an adapter, if it is adapted. */
  readonly adapt?: (layer: FrozenLayer, x: Value) => Value | undefined
  /** Weights that stand in for the file's, as fp32 constants: folded adapters. */
  readonly replaced?: ReadonlyMap<string, Tensor>
  /** The input that a weight is, if it is one: its values change from run to run. A bias may be one that the file does not have. */
  readonly fed?: (key: string) => string | undefined
  /** How weights that layers multiply with are kept; default: as the file has them. */
  readonly base?: BaseWeights | undefined
  /** Axes of maps (N, C, H, W) at which they go on at their other end, 2 and 3: what convolutions see there in place of zeros. */
  readonly wraps?: readonly number[] | undefined
  /** Put before the names of trained inputs, where two networks share a graph. */
  readonly prefix?: string
}

/** Parameters of one network by key, each made once. */
export class Parameters {
  readonly graph: Graph
  readonly #weights: WeightMap
  readonly #options: ParameterOptions
  readonly #made = new Map<string, Value>()
  readonly #frozen = new Map<string, FrozenWeight>()
  /** Trained weights in the order in which the network asked for them: key → graph input. */
  readonly trained = new Map<string, Value>()

  constructor(graph: Graph, weights: WeightMap, options: ParameterOptions = {}) {
    this.graph = graph
    this.#weights = weights
    this.#options = options
  }

  /** Axes at which maps go on at their other end. */
  get wraps(): readonly number[] {
    return this.#options.wraps ?? []
  }

  has(key: string): boolean {
    return this.#weights.has(key) || this.#options.replaced?.has(key) === true || this.#options.fed?.(key) !== undefined
  }

  /** The weight as fp32, in its PyTorch shape. Throws `weight-missing`. */
  get(key: string): Value {
    const known = this.#made.get(key)
    if (known) return known
    const source = this.#weights.get(key)
    const input = this.#options.fed?.(key)
    if (input !== undefined)
      return this.#kept(key, () => this.graph.input(input, 'float32', source ? shapeOf(source) : this.#biasShape(key)))
    const replaced = this.#options.trainable?.(key) ? undefined : this.#options.replaced?.get(key)
    if (replaced) return this.#kept(key, () => this.graph.constant('float32', replaced.shape, replaced.data))
    if (!source)
      throw new PigmentError(
        'weight-missing',
        `The weight "${key}" is missing from the checkpoint. The file is incomplete: download it again.`,
        { key },
      )
    return this.#kept(key, () => this.#make(key, source))
  }

  #kept(key: string, make: () => Value): Value {
    const value = this.graph.outsideSegments(make)
    this.#made.set(key, value)
    return value
  }

  /** The weight of a layer, as it is multiplied with. Throws `weight-missing`. */
  weight(key: string): FrozenWeight {
    const { base, trainable, replaced, fed } = this.#options
    const source = this.#weights.get(key)
    if (!base || !source || trainable?.(key) || replaced?.has(key) || fed?.(key) !== undefined) return dense(this.get(key))
    const made = this.#frozen.get(key) ?? this.graph.outsideSegments(() => frozenWeight(this.graph, key, source, base))
    this.#frozen.set(key, made)
    return made
  }

  /** The network as its file has it, in the same graph: frozen weights are shared. */
  untouched(): Parameters {
    const { base, trainable, replaced, fed, wraps } = this.#options
    const bare = new Parameters(this.graph, this.#weights, { base, wraps })
    const changed = (key: string): boolean => trainable?.(key) === true || replaced?.has(key) === true || fed?.(key) !== undefined
    for (const [key, value] of this.#made) if (!changed(key)) bare.#made.set(key, value)
    for (const [key, weight] of this.#frozen) bare.#frozen.set(key, weight)
    return bare
  }

  /** The output of an adapted layer. */
  adapted(layer: FrozenLayer, x: Value): Value | undefined {
    return this.#options.adapt?.(layer, x)
  }

  #biasShape(key: string): readonly number[] {
    const weight = this.#weights.get(key.replace(/bias$/, 'weight'))
    return weight ? shapeOf(weight).slice(0, 1) : []
  }

  #make(key: string, source: TensorSource): Value {
    const name = (this.#options.prefix ?? '') + key
    if (this.#options.trainable?.(key)) {
      const value = this.graph.input(name, 'float32', shapeOf(source))
      this.trained.set(key, value)
      return value
    }
    return storedValue(this.graph, name, source)
  }
}
