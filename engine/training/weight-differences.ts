// Weights that are learnt themselves: from where they begin, and what they became as whole differences.
import type { Adapter, AdapterModule } from '../adapters/adapter.ts'
import { addTerm, addToBias, isOfBias, type BaseWeight, type Term } from '../adapters/term.ts'
import { bias } from '../adapters/variants/bias.ts'
import { full } from '../adapters/variants/full.ts'
import { variantCalled } from '../adapters/variants/variant.ts'
import type { TensorSource } from '../checkpoint/config.ts'
import { PigmentError } from '../requests/error.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { shapeOf } from '../weights/codec.ts'
import { readWeight } from '../weights/read-weight.ts'
import type { TrainedNetwork } from './trained-networks.ts'

/** One of those that are learnt, by its key in the network, and by the name of its input. */
export interface TrainedWeight {
  readonly network: TrainedNetwork
  readonly key: string
  readonly name: string
}

/** `norm.weight` → `norm`, of which it is the weight. */
function partsOf(key: string): { readonly path: string; readonly ofBias: boolean } {
  const dot = key.lastIndexOf('.')
  return { path: key.slice(0, dot), ofBias: key.slice(dot + 1) === 'bias' }
}
const sourceOf = ({ network, key }: TrainedWeight): TensorSource => network.weights.get(key) as TensorSource

/** Where each begins: as its file has it, and with what an adapter does to it. Throws `continue-mismatch` where that does more than is learnt here. */
export function startingFrom(weights: readonly TrainedWeight[], initial?: Adapter): (one: TrainedWeight) => Promise<Float32Array> {
  const modules = Map.groupBy(initial?.modules ?? [], ({ component, path }) => `${component}.${path}`)
  const here = new Set(weights.map(({ network, key }) => `${network.component}.${partsOf(key).path}`))
  const left = [...modules.keys()].find((key) => !here.has(key))
  if (initial && left !== undefined) throw elsewhere(initial, left)
  return async (one) => {
    const { path, ofBias } = partsOf(one.key)
    const base = await readWeight(sourceOf(one))
    const data = base.data.slice()
    for (const module of modules.get(`${one.network.component}.${path}`) ?? [])
      for (const term of await termsOf(module, one, path)) {
        if (isOfBias(term) === ofBias) (ofBias ? addToBias : adding(base))(data, term, 1)
        else if (!weights.some(({ network, key }) => network === one.network && key === `${path}.${ofBias ? 'weight' : 'bias'}`))
          throw elsewhere(initial as Adapter, `${path}.${ofBias ? 'weight' : 'bias'}`)
      }
    return data
  }
}

const adding = (base: Tensor) => (onto: Float32Array, term: Term, weight: number) => addTerm(onto, base, term, weight)

function termsOf(module: AdapterModule, { network }: TrainedWeight, path: string) {
  const read = (what: string) => () => readWeight(network.weights.get(`${path}.${what}`) as TensorSource)
  const base: BaseWeight = {
    shape: shapeOf(network.weights.get(`${path}.weight`) as TensorSource),
    read: read('weight'),
    ...(network.weights.has(`${path}.bias`) ? { bias: read('bias') } : {}),
  }
  return variantCalled(module.variant).terms(module, base)
}

const elsewhere = ({ name }: Adapter, path: string): PigmentError =>
  new PigmentError(
    'continue-mismatch',
    `"${name}" also changes "${path}", which is not learnt here, and the result would lack that. Learn everything (what=everything), or begin anew.`,
    { path },
  )

/** What a weight became, less what its file has. */
export async function differenceOf(one: TrainedWeight, now: Float32Array): Promise<AdapterModule> {
  const { network, key } = one
  const { path, ofBias } = partsOf(key)
  const { data, shape } = await readWeight(sourceOf(one))
  const delta = { shape, data: now.map((value, i) => value - (data[i] ?? 0)) }
  const isNorm = network.weights.get(`${path}.weight`)?.shape.length === 1
  const role = ofBias ? (isNorm ? 'normBiasDelta' : 'biasDelta') : isNorm ? 'normDelta' : 'delta'
  return { component: network.component, path, variant: ofBias ? bias.name : full.name, tensors: { [role]: delta }, alpha: 1 }
}
