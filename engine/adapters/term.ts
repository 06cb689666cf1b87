// What an adapter adds to one weight W₀, as a stack and a fold need to know it: written once for all variants. O outputs, I inputs, R rank.
import { elementCount, type Tensor } from '../tensor/tensor.ts'
import { addLowRank, type LowRank } from './low-rank.ts'

export type Side = 'output' | 'input'

/** What can be fed by channel: gains of either side, or what is added to the output. */
export type ChannelInput = Side | 'shift'

/**
 * At strength w: w · (alpha / R) · up · down; w · (diag(by) − 1) · W₀, or w · W₀ · (diag(by) − 1) on the side of the input; w · by, added to the bias;
 * w · delta, added to the weight. The first three are inputs of the graph, so that strengths cost nothing; dense ones have to be folded.
 */
export type Term =
  | ({ readonly kind: 'low-rank' } & LowRank)
  /** (O) or (I), around 1. The bias is not scaled. */
  | { readonly kind: 'gain'; readonly side: Side; readonly by: Float32Array }
  /** (O), around 0; also where the layer has no bias. */
  | { readonly kind: 'shift'; readonly by: Float32Array }
  /** (O, I, …), or (C) of a norm. */
  | { readonly kind: 'dense'; readonly delta: Tensor }
  /** (C), added to the bias of a norm, which no session leaves open. */
  | { readonly kind: 'dense-bias'; readonly by: Float32Array }

/** What is added to a weight whatever it is. */
export type Change = Exclude<Term, { kind: 'gain' | 'shift' | 'dense-bias' }>

/** What cannot be an input of the graph, and is folded into the weights. */
export const isFoldedKind = (kind: Term['kind']): boolean => kind === 'dense' || kind === 'dense-bias'

/** What changes a bias alone. */
export const isOfBias = (term: Term): boolean => term.kind === 'shift' || term.kind === 'dense-bias'

/** The weight that an adapter stands on: its shape, and its values where a term depends on them. */
export interface BaseWeight {
  /** (O, I), or (O, I, k, k) for a convolution. */
  readonly shape: readonly number[]
  readonly read: () => Promise<Tensor>
  /** Length of each row, (O), with a pair added; a way that is quicker than reading and adding, where there is one. */
  readonly rowNorms?: ((pair: LowRank) => Promise<Float32Array>) | undefined
  /** Its bias (O), if it has one. */
  readonly bias?: (() => Promise<Tensor>) | undefined
}

/** Adds what a term of strength `weight` does to the weight onto `onto`, which began as a copy of `base`. */
export function addTerm(onto: Float32Array, base: Tensor, term: Term, weight: number): void {
  if (term.kind === 'low-rank') addLowRank(onto, term, weight)
  else if (term.kind === 'dense') addScaled(onto, term.delta.data, weight)
  else if (term.kind === 'gain') addGain(onto, base, term, weight)
}

/** The same of the bias. */
export function addToBias(onto: Float32Array, term: Term, weight: number): void {
  if (term.kind === 'shift' || term.kind === 'dense-bias') addScaled(onto, term.by, weight)
}

function addScaled(onto: Float32Array, delta: Float32Array, weight: number): void {
  for (let i = 0; i < onto.length; i++) onto[i] = (onto[i] ?? 0) + weight * (delta[i] ?? 0)
}

function addGain(onto: Float32Array, { shape, data }: Tensor, { side, by }: Term & { kind: 'gain' }, weight: number): void {
  const [outputs = 0, inputs = 0] = shape
  const window = data.length / (outputs * inputs)
  for (let i = 0; i < data.length; i++) {
    const channel = side === 'output' ? Math.floor(i / (inputs * window)) : Math.floor(i / window) % inputs
    onto[i] = (onto[i] ?? 0) + weight * ((by[channel] ?? 1) - 1) * (data[i] ?? 0)
  }
}

/** Those that change the weight, and not its bias alone. */
export const ofWeight = (terms: readonly Term[]): readonly Term[] => terms.filter((term) => !isOfBias(term))

/** ΔW (O, I, …) of terms at strength 1, row-major; the base's own values are asked only where one depends on them. */
export async function wholeChange(changes: readonly Term[], base: BaseWeight): Promise<Float32Array> {
  const read = changes.some(({ kind }) => kind === 'gain') ? await base.read() : { shape: base.shape, data: new Float32Array() }
  const data = new Float32Array(elementCount(base.shape))
  for (const term of changes) addTerm(data, read, term, 1)
  return data
}
