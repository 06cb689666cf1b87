// The tensors of one layer as community programs compute with them: kohya's, LyCORIS' and ComfyUI's formulae in plain loops. O outputs, I inputs,
// R rank, N the inputs times the window of a convolution.
import { elementCount, type Tensor } from '../tensor/tensor.ts'
import type { ReadChange } from './reader.ts'

/** By what stands behind the layer's name. */
export type Parts = ReadonlyMap<string, Tensor>

export type Algorithm = 'lora' | 'dora' | 'loha' | 'lokr' | 'glora' | 'ia3' | 'diff' | 'norm' | 'bias' | 'set'
type Shape = readonly number[]

interface Formula {
  readonly algorithm: Algorithm
  /** One of these sets is there. */
  readonly needs: readonly (readonly string[])[]
  readonly takes: readonly string[]
  change(parts: Parts, shape: Shape): ReadChange
}

const nothing: Tensor = { shape: [], data: new Float32Array() }
const part = (parts: Parts, name: string): Tensor => parts.get(name) ?? nothing
const times = (data: Float32Array, by: number): Float32Array => data.map((value) => value * by)
const rows = ({ shape: [count = 1] }: Tensor): number => count

/** (M, K)·(K, …). */
function product(a: Tensor, b: Tensor): Tensor {
  const [M, K] = [rows(a), rows(b)]
  const N = b.data.length / K
  const data = new Float32Array(M * N)
  for (let m = 0; m < M; m++)
    for (let k = 0; k < K; k++) {
      const factor = a.data[m * K + k] ?? 0
      for (let n = 0; n < N; n++) data[m * N + n] = (data[m * N + n] ?? 0) + factor * (b.data[k * N + n] ?? 0)
    }
  return { shape: [M, N], data }
}

/** Σ mid[p, q, y, x] · a[o, p] · b[q, i] as (O, I·k·k); `a` is (P, O) where it is `turned`. */
function tucker(mid: Tensor, a: Tensor, b: Tensor, turned: boolean): Tensor {
  const [P = 0, Q = 0, ...kernel] = mid.shape
  const window = elementCount(kernel)
  const [O, I] = [a.data.length / P, b.data.length / Q]
  const data = new Float32Array(O * I * window)
  for (let o = 0; o < O; o++)
    for (let p = 0; p < P; p++)
      for (let q = 0; q < Q; q++)
        for (let i = 0; i < I; i++) {
          const factor = (a.data[turned ? p * O + o : o * P + p] ?? 0) * (b.data[q * I + i] ?? 0)
          const [to, from] = [(o * I + i) * window, (p * Q + q) * window]
          for (let xy = 0; xy < window; xy++) data[to + xy] = (data[to + xy] ?? 0) + factor * (mid.data[from + xy] ?? 0)
        }
  return { shape: [O, I * window], data }
}

/** alpha / R, and 1 without an alpha. */
const scaleOf = (parts: Parts, rank: number): number => (parts.get('alpha')?.data[0] ?? rank) / rank

const lora: Formula = {
  algorithm: 'lora',
  needs: [['lora_up.weight', 'lora_down.weight']],
  takes: ['lora_mid.weight', 'alpha', 'dora_scale'],
  change(parts) {
    const [up, down] = [part(parts, 'lora_up.weight'), part(parts, 'lora_down.weight')]
    const [mid, magnitude] = [parts.get('lora_mid.weight'), parts.get('dora_scale')]
    const scale = scaleOf(parts, rows(down))
    if (mid && magnitude) return { kind: 'of-base' }
    if (mid) return { kind: 'dense', delta: times(tucker(mid, up, down, false).data, scale) }
    return { kind: 'pair', up, down, scale, ...(magnitude ? { magnitude } : {}) }
  },
}

const loha: Formula = {
  algorithm: 'loha',
  needs: [['hada_w1_a', 'hada_w1_b', 'hada_w2_a', 'hada_w2_b']],
  takes: ['hada_t1', 'hada_t2', 'alpha', 'dora_scale'],
  change(parts) {
    if (parts.has('dora_scale')) return { kind: 'of-base' }
    const half = (n: number): Tensor => {
      const [a, b, mid] = [part(parts, `hada_w${n}_a`), part(parts, `hada_w${n}_b`), parts.get(`hada_t${n}`)]
      return mid ? tucker(mid, a, b, true) : product(a, b)
    }
    const [first, second] = [half(1).data, half(2).data]
    const scale = scaleOf(parts, rows(part(parts, 'hada_w1_b')))
    return { kind: 'dense', delta: first.map((value, i) => value * (second[i] ?? 0) * scale) }
  },
}

const lokr: Formula = {
  algorithm: 'lokr',
  needs: [
    ['lokr_w1', 'lokr_w2'],
    ['lokr_w1_a', 'lokr_w1_b', 'lokr_w2'],
    ['lokr_w1', 'lokr_w2_a', 'lokr_w2_b'],
    ['lokr_w1_a', 'lokr_w1_b', 'lokr_w2_a', 'lokr_w2_b'],
  ],
  takes: ['lokr_t2', 'alpha', 'dora_scale'],
  change(parts, shape) {
    if (parts.has('dora_scale')) return { kind: 'of-base' }
    const first = parts.get('lokr_w1') ?? product(part(parts, 'lokr_w1_a'), part(parts, 'lokr_w1_b'))
    const [a, b, mid] = [part(parts, 'lokr_w2_a'), part(parts, 'lokr_w2_b'), parts.get('lokr_t2')]
    const second = parts.get('lokr_w2') ?? (mid ? tucker(mid, a, b, true) : product(a, b))
    const inner = parts.get('lokr_w2_b') ?? parts.get('lokr_w1_b')
    const scale = inner ? scaleOf(parts, rows(inner)) : 1
    return { kind: 'dense', delta: times(kronecker(first, second, elementCount(shape.slice(2))), scale) }
  },
}

/** (a, c) ⊗ (b, d·k·k): the window goes along. */
function kronecker(first: Tensor, second: Tensor, window: number): Float32Array {
  const [a, b] = [rows(first), rows(second)]
  const [c, d] = [first.data.length / a, second.data.length / b / window]
  const out = new Float32Array(first.data.length * second.data.length)
  for (let i = 0; i < a; i++)
    for (let j = 0; j < b; j++)
      for (let k = 0; k < c; k++)
        for (let l = 0; l < d; l++)
          for (let xy = 0; xy < window; xy++)
            out[((i * b + j) * c * d + k * d + l) * window + xy] =
              (first.data[i * c + k] ?? 0) * (second.data[(j * d + l) * window + xy] ?? 0)
  return out
}

const ofBase = (algorithm: Algorithm, needs: readonly string[], takes: readonly string[] = []): Formula => ({
  algorithm,
  needs: [needs],
  takes,
  change: () => ({ kind: 'of-base' }),
})
const whole = (algorithm: Algorithm, name: string): Formula => ({
  algorithm,
  needs: [[name]],
  takes: [],
  change: (parts) => ({ kind: 'dense', delta: part(parts, name).data }),
})
const onBias = (algorithm: Algorithm, name: string): Formula => ({
  algorithm,
  needs: [[name]],
  takes: [],
  change: (parts) => ({ kind: 'bias', by: part(parts, name).data }),
})

const formulae: readonly Formula[] = [
  lora,
  loha,
  lokr,
  ofBase('glora', ['a1.weight', 'a2.weight', 'b1.weight', 'b2.weight'], ['alpha', 'bm.weight', 'dora_scale']),
  ofBase('ia3', ['weight', 'on_input']),
  ofBase('set', ['set_weight']),
  whole('diff', 'diff'),
  whole('norm', 'w_norm'),
  onBias('norm', 'b_norm'),
  onBias('bias', 'diff_b'),
]

export interface MadeOfParts {
  readonly changes: readonly ReadChange[]
  /** Names of parts that nobody took. */
  readonly left: readonly string[]
}

/** What a program that knows these algorithms makes of a layer's tensors. */
export function changesOf(parts: Parts, shape: Shape, knows: ReadonlySet<Algorithm>): MadeOfParts {
  const left = new Set(parts.keys())
  const changes: ReadChange[] = []
  for (const formula of formulae) {
    const { algorithm, needs, takes } = formula
    const found = knows.has(algorithm) ? needs.find((names) => names.every((name) => left.has(name))) : undefined
    if (!found) continue
    // Without magnitudes it is another adapter.
    if (parts.has('dora_scale') && takes.includes('dora_scale') && !knows.has('dora')) continue
    changes.push(formula.change(parts, shape))
    for (const name of [...found, ...takes]) left.delete(name)
  }
  return { changes, left: [...left] }
}
