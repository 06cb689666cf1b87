// OFT by input ("OFTv2", Qiu et al. 2025, arXiv 2506.19847): the numbers above the diagonal of each skew block Q, and W′ = W·Rᵀ with
// R = diag(R₁ … R_n), over the columns of (O, I·k·k). R_k is (I + Q)⁻¹(I − Q), or the first terms of the series I + 2Q + 2Q² + … of its transpose,
// which all take unless PEFT is told otherwise. One block may stand for all (block_share).
//
// OneTrainer turns a convolution the other way round, W·R, and so it is kept here: R(Q)ᵀ is R(−Q), in the series too. OneTrainer's
// scaled blocks are Q / 2√(b − 1). Reference: peft tuners/oft/layer.py, OneTrainer modules/module/oft_utils.py.
import { relativeL2, type Tensor } from '../../tensor/tensor.ts'
import type { AdapterModule } from '../adapter.ts'
import { oftFields, projected, termsTold } from '../oft-config.ts'
import { cayley, neumann, skewOfUpper, turnColumns } from '../rotation.ts'
import type { AdapterVariant, Tensors } from './variant.ts'

/** What all programs but PEFT have. */
const usualTerms = 5

const upperOf = ({ tensors }: Pick<AdapterModule, 'tensors'>): Tensor => tensors.upper as Tensor
const termsOf = ({ tensors }: Pick<AdapterModule, 'tensors'>): number => tensors.terms?.data[0] ?? usualTerms

/** b of b·(b − 1)/2 numbers; no whole number where they are no triangle. */
const blockOf = (numbers: number): number => (1 + Math.sqrt(1 + 8 * numbers)) / 2

/** The blocks that turn, without OneTrainer's scale. */
function unscaled(module: Pick<AdapterModule, 'tensors'>): Tensor {
  const upper = upperOf(module)
  const by = module.tensors.scaled ? 1 / (2 * Math.sqrt(blockOf(upper.shape[1] ?? 0) - 1)) : 1
  return by === 1 ? upper : { shape: upper.shape, data: upper.data.map((value) => value * by) }
}

/** A convolution's are kept with ones behind. */
const ofConvolution = ({ shape }: Tensor): boolean => shape.length > 2
const negated = ({ shape, data }: Tensor): Tensor => ({ shape, data: data.map((value) => -value) })
/** As PEFT has them: W·Rᵀ. */
const forPeft = (upper: Tensor): Tensor => (ofConvolution(upper) ? negated(upper) : upper)

function rotations(module: AdapterModule): Float64Array[] {
  const { shape, data } = forPeft(unscaled(module))
  const [count = 0, numbers = 0] = shape
  const [b, terms] = [blockOf(numbers), termsOf(module)]
  return Array.from({ length: count }, (_, k) => {
    const q = skewOfUpper(data.subarray(k * numbers, (k + 1) * numbers), b)
    return terms > 0 ? neumann(q, b, terms) : cayley(q.map((value) => -value), b) // prettier-ignore
  })
}

export const oftV2: AdapterVariant = {
  name: 'oft-v2',
  title: 'OFT by input',
  spelling: {
    upper: { kohya: ['.oft_R.weight'], peft: ['.oft_R.weight', '.oft_R.*.weight'] },
    scaled: { kohya: ['.oft_R.scaled_oft'] },
    // No file has it: PEFT's config tells the number of terms, 0 for none.
    terms: {},
  },
  forms: [['upper'], ['upper', 'scaled']],
  settings: ['scaled'],
  needs: 'an OFT module needs its blocks.',
  takes: 'blocks of',
  scaled: false,
  peft: {
    type: 'OFT',
    alpha: 'lora_alpha',
    fields: (modules) => oftFields(modules.map((module) => ({ shape: upperOf(module).shape, terms: termsOf(module) }))), // prettier-ignore
  },

  fit([, inputs = 0, ...kernel], { upper }) {
    const { shape = [], name } = upper ?? {}
    const [count = 0, numbers = 0, ...rest] = shape
    const [b, columns] = [blockOf(numbers), kernel.reduce((a, n) => a * n, inputs)]
    if (rest.some((side) => side !== 1) || !Number.isInteger(b) || numbers < 1)
      return { broken: `its blocks have b·(b − 1)/2 numbers each, and "${name}" is [${shape.join(', ')}].`, facts: { blocks: shape } }
    if (count * b !== columns && !(count === 1 && columns % b === 0))
      return { unfit: `has ${columns} inputs, and "${name}" is [${shape.join(', ')}], blocks of ${b} × ${b} for ${count * b}` }
    return { shapes: { upper: [count, numbers, ...kernel.map(() => 1)], scaled: [] }, accepted: ['upper', 'scaled'] }
  },
  /** Only PEFT has a config; it has neither OneTrainer's scale nor its turns of convolutions. */
  async completed(module, _weight, { config }) {
    if (!config) return module
    const terms = termsTold(config)
    if (typeof terms !== 'number') return terms
    const upper = projected(forPeft(upperOf(module)), config)
    if ('no' in upper) return upper
    return { ...module, tensors: { upper, ...(terms === usualTerms ? {} : { terms: { shape: [], data: Float32Array.of(terms) } }) } }
  },
  stored(module, dialect): Tensors | { readonly no: string } {
    const plain = (upper: Tensor): Tensor => ({ shape: upper.shape.slice(0, 2), data: upper.data })
    if (dialect === 'peft') return { upper: plain(forPeft(unscaled(module))) }
    if (termsOf(module) !== usualTerms)
      return { no: `Its programs have ${usualTerms} terms of the series, and it was trained with ${termsOf(module) || 'none'}.` }
    return { upper: plain(unscaled(module)) }
  },
  rank: () => undefined,
  kinds: () => ['dense'],
  async terms(module, source) {
    const { shape, data } = await source.read()
    const turned = data.slice()
    turnColumns(turned, data.length / (shape[0] ?? 1), rotations(module))
    return [{ kind: 'dense', delta: { shape, data: turned.map((value, i) => value - (data[i] ?? 0)) } }]
  },
  values: (module) => [
    [unscaled(module).data, 1],
    [Float32Array.of(termsOf(module)), 1],
  ],
  distance(module, other) {
    const [own, its] = [unscaled(module), unscaled(other)]
    return own.shape.join() === its.shape.join() && termsOf(module) === termsOf(other) ? relativeL2(its.data, own.data) : Infinity
  },
}
