// One layer of a merge: what each adapter adds to its weight. O outputs, I inputs (of a convolution times its window), R rank.
import type { AdapterModule, Component } from '../adapters/adapter.ts'
import { rankOf, scaleOf, type LowRank } from '../adapters/low-rank.ts'
import { ofWeight, wholeChange, type BaseWeight, type Term } from '../adapters/term.ts'
import { variantCalled } from '../adapters/variants/variant.ts'
import { matrixOf, type Matrix } from '../linear-algebra/matrix.ts'
import { product } from '../linear-algebra/product.ts'
import { sumOfFactors, type Factors } from './factors.ts'

/** What one adapter does to the layer. */
export interface Part {
  /** Which of the adapters. */
  readonly source: number
  /** Its strength in this layer. */
  readonly weight: number
  /** Where ΔW at strength 1 is a product of thin matrices. */
  readonly factors?: Factors
  /** The pair as its file has it, alpha apart; where it is one. */
  readonly pair?: LowRank
  /** ΔW (O, I) at strength 1. Whoever takes it may change it. */
  delta(): Whole
}

/** A whole ΔW in fp32. */
export interface Whole extends Matrix {
  readonly data: Float32Array
}

export interface Layer {
  readonly component: Component
  readonly path: string
  /** (O, I), or (O, I, k, k) for a convolution. */
  readonly shape: readonly number[]
  readonly rows: number
  readonly columns: number
  /** One an adapter that acts here, in their order. */
  readonly parts: readonly Part[]
}

export const layerName = ({ component, path }: Pick<Layer, 'component' | 'path'>): string => `${component}.${path}`

/** What modules do to a weight together. */
export const termsOn = async (base: BaseWeight, modules: readonly AdapterModule[]): Promise<readonly Term[]> =>
  (await Promise.all(modules.map(async (module) => variantCalled(module.variant).terms(module, base)))).flat()

/** What one adapter does to a weight of matrices by these terms; undefined where it changes the bias alone. */
export async function partOf(source: number, weight: number, terms: readonly Term[], base: BaseWeight): Promise<Part | undefined> {
  const changes = ofWeight(terms)
  const pairs = changes.filter((term) => term.kind === 'low-rank')
  if (changes.length === 0) return undefined
  if (pairs.length === changes.length) return thinPart(source, weight, pairs)
  const data = await wholeChange(changes, base)
  const { rows, columns } = matrixOf({ shape: base.shape, data })
  return { source, weight, delta: () => ({ rows, columns, data: data.slice() }) }
}

/** The part of an adapter that is a sum of pairs. */
function thinPart(source: number, weight: number, pairs: readonly LowRank[]): Part {
  const factors = sumOfFactors(pairs.map((pair) => [{ up: upOf(pair), down: matrixOf(pair.down) }, scaleOf(pair)]))
  const [pair] = pairs
  return {
    source,
    weight,
    factors,
    ...(pair && pairs.length === 1 ? { pair } : {}),
    delta: () => {
      const whole = product(factors.up, factors.down)
      return { ...whole, data: Float32Array.from(whole.data) }
    },
  }
}

/** (O, R), whatever ones follow. */
const upOf = ({ up, ...pair }: LowRank): Matrix => ({ rows: up.data.length / rankOf(pair), columns: rankOf(pair), data: up.data })

type WeightOf = (part: Part) => number

/** Factors of Σ w·ΔW, strengths counted into `up`; undefined where a part has none. */
function weightedFactors({ parts }: Pick<Layer, 'parts'>, weightOf: WeightOf): Factors | undefined {
  const all = parts.flatMap((part) => (part.factors ? [[part.factors, weightOf(part)] as const] : []))
  return all.length === parts.length ? sumOfFactors(all) : undefined
}

/** Σ w·ΔW as (O, I). */
function weightedSum({ rows, columns, parts }: Layer, weightOf: WeightOf): Whole {
  const sum = new Float32Array(rows * columns)
  for (const part of parts) addTimes(sum, part.delta().data, weightOf(part))
  return { rows, columns, data: sum }
}

/** onto += by · values. */
export function addTimes(onto: Float32Array, values: Float32Array, by: number): void {
  for (let i = 0; i < onto.length; i++) onto[i] = (onto[i] as number) + by * (values[i] as number)
}

/** Σ w·ΔW by the cheaper of the two. */
export function sumOf(layer: Layer, weightOf: WeightOf = ({ weight }) => weight): Factors | Matrix {
  return weightedFactors(layer, weightOf) ?? weightedSum(layer, weightOf)
}
