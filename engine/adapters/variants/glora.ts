// Chavan et al. 2023, "GLoRA" (arXiv 2306.07967), as LyCORIS has it: ΔW = (alpha / R) · (W·a₁·a₂ + b₁·b₂), W taken apart by window in a convolution.
// Older files have the roles of each two exchanged. With rs_lora LyCORIS trains by alpha / √R and saves the plain alpha: its file does not tell, and
// readers take alpha / R.
import { elementCount, relativeL2, type Tensor } from '../../tensor/tensor.ts'
import type { AdapterModule } from '../adapter.ts'
import { kindOf, product, termOf } from '../products.ts'
import type { Term } from '../term.ts'
import type { AdapterVariant, StoredParts, Tensors } from './variant.ts'

type Factors = Readonly<Record<'a1' | 'a2' | 'b1' | 'b2', Tensor>>

/** (I, R), (R, I), (O, R) and (R, I, k, k), whichever roles a file gives them. */
function factorsOf({ tensors }: Pick<AdapterModule, 'tensors'>): Factors {
  const { a1, a2, b1, b2 } = tensors as Factors
  const [I = 0, R = 0] = a1.shape
  return R <= I ? { a1, a2, b1, b2 } : { a1: a2, a2: a1, b1: b2, b2: b1 }
}

const rank = (module: Pick<AdapterModule, 'tensors'>): number => factorsOf(module).a2.shape[0] ?? 0

/** A convolution's W·a₁·a₂ is no product of thin matrices. */
function kind(module: Pick<AdapterModule, 'tensors'>): 'low-rank' | 'dense' {
  const { a2, b1, b2 } = factorsOf(module)
  const window = elementCount(b2.shape.slice(2))
  return window > 1 ? 'dense' : kindOf(2 * rank(module), b1.shape[0] ?? 0, a2.shape[1] ?? 0)
}

/** Of W·a₁·a₂ + b₁·b₂ as [W·a₁ | b₁] · [a₂; b₂]. */
function pair(module: AdapterModule, weight: Tensor): Exclude<Term, { kind: 'gain' }> {
  const { a1, a2, b1, b2 } = factorsOf(module)
  const [O = 0, R] = [weight.shape[0], rank(module)]
  const wa = product(weight, a1).data
  const up = new Float32Array(O * 2 * R)
  for (let o = 0; o < O; o++)
    for (let r = 0; r < R; r++) {
      up[o * 2 * R + r] = wa[o * R + r] ?? 0
      up[o * 2 * R + R + r] = b1.data[o * R + r] ?? 0
    }
  const down = new Float32Array(a2.data.length + b2.data.length)
  down.set(a2.data)
  down.set(b2.data, a2.data.length)
  return termOf({ shape: [O, 2 * R], data: up }, { shape: [2 * R, weight.shape[1] ?? 0], data: down }, module.alpha / R, weight.shape)
}

/** Σ_j W[o, j, y, x] · (a₁·a₂)[j, i] + (b₁·b₂)[o, i, y, x]. */
function dense(module: AdapterModule, { shape, data: w }: Tensor): Term {
  const { a1, a2, b1, b2 } = factorsOf(module)
  const [O = 0, I = 0, ...kernel] = shape
  const window = elementCount(kernel)
  const a = product(a1, a2).data
  const delta = product(b1, b2).data
  const scale = module.alpha / rank(module)
  for (let o = 0; o < O; o++)
    for (let j = 0; j < I; j++)
      for (let i = 0; i < I; i++) {
        const factor = a[j * I + i] ?? 0
        const [to, from] = [(o * I + i) * window, (o * I + j) * window]
        for (let xy = 0; xy < window; xy++) delta[to + xy] = (delta[to + xy] ?? 0) + factor * (w[from + xy] ?? 0)
      }
  return { kind: 'dense', delta: { shape, data: delta.map((value) => value * scale) } }
}

const spelled = (name: string) => ({ kohya: [`.${name}.weight`] })

export const glora: AdapterVariant = {
  name: 'glora',
  title: 'GLoRA',
  spelling: { a1: spelled('a1'), a2: spelled('a2'), b1: spelled('b1'), b2: spelled('b2') },
  needs: 'a GLoRA module needs a1, a2, b1 and b2.',
  takes: 'tensors of',
  scaled: true,

  fit([O = 0, I = 0, ...kernel], parts) {
    const old = isOld(parts, I)
    const [a1, a2, b1, b2] = old ? (['a2', 'a1', 'b2', 'b1'] as const) : (['a1', 'a2', 'b1', 'b2'] as const)
    const R = parts[a2]?.shape[0] ?? 0
    const ranks = [R, parts[a1]?.shape[1], parts[b1]?.shape[1], parts[b2]?.shape[0]]
    if (new Set(ranks).size > 1) {
      const named = Object.values(parts).map(({ name, shape }) => `"${name}" is [${shape.join(', ')}]`)
      return { broken: `the ranks differ: ${named.join(', ')}.` }
    }
    if (R < 1) return { nothing: 'The rank of its module is 0, so that it changes nothing.' }
    if (R > I) return { broken: `its rank is ${R}, and its layer has ${I} inputs.` }
    const ones = kernel.map(() => 1)
    return { shapes: { [a1]: [I, R, ...ones], [a2]: [R, I, ...ones], [b1]: [O, R, ...ones], [b2]: [R, I, ...kernel] } }
  },
  stored: (module): Tensors => factorsOf(module),
  rank,
  kinds: (module) => [kind(module)],
  async terms(module, base) {
    const weight = await base.read()
    return [elementCount(weight.shape.slice(2)) > 1 ? dense(module, weight) : pair(module, weight)]
  },
  values(module) {
    const { a1, a2, b1, b2 } = factorsOf(module)
    const scale = module.alpha / rank(module)
    return [
      [a1.data, scale],
      [a2.data, 1],
      [b1.data, scale],
      [b2.data, 1],
    ]
  },
  /** Of what is known without the base's weights. */
  distance(module, other) {
    const [own, its] = [factorsOf(module), factorsOf(other)]
    const [s, t] = [module.alpha / rank(module), other.alpha / rank(other)]
    const apart = (x: Tensor, y: Tensor): number => {
      if (x.data.length !== y.data.length) return Infinity
      return relativeL2(y.data.map((value) => value * t), x.data.map((value) => value * s)) // prettier-ignore
    }
    return Math.max(apart(product(own.a1, own.a2), product(its.a1, its.a2)), apart(product(own.b1, own.b2), product(its.b1, its.b2)))
  },
}

/** a₁ as (R, I). */
const isOld = ({ a1, a2 }: StoredParts, inputs: number): boolean =>
  a1?.shape[1] === inputs && a2?.shape[0] === inputs && !(a1.shape[0] === inputs && a2.shape[1] === inputs)
