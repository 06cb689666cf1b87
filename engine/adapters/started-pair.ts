// Pairs that began with a part of their weight which PEFT took out of it: the file is a pair on W − t·U·Uᵀ·W, for an orthonormal U (O, R) that follows
// from the weight. On the weight itself it is ΔW = s·B·A − t·U·Uᵀ·W, of twice the rank. s = alpha / R; O outputs, I inputs.
import type { Tensor } from '../tensor/tensor.ts'
import type { AdapterModule } from './adapter.ts'
import { rankOf, scaleOf, type LowRank } from './low-rank.ts'
import { kindOf, termOf } from './products.ts'
import type { AdapterVariant } from './variants/variant.ts'
import { lora, loraFields } from './variants/lora.ts'

/** What the variant of a start says of itself. */
interface Start {
  readonly name: string
  readonly title: string
  /** PEFT's word for it, `init_lora_weights`. */
  readonly word: string
  /** What of Uᵀ·W was taken, at a scale s: t. */
  readonly taken: (scale: number) => number
  /** U's columns for a weight (O, I), at most `rank` of them. */
  readonly basis: (weight: Tensor, rank: number) => readonly Float64Array[]
}

const asLora = (module: AdapterModule): AdapterModule => {
  const { startedDown: down, startedUp: up } = module.tensors as Readonly<Record<'startedDown' | 'startedUp', Tensor>>
  return { ...module, variant: 'lora', tensors: { down, up } }
}
const pairOf = (module: AdapterModule): LowRank => {
  const { down, up } = asLora(module).tensors as Readonly<Record<'down' | 'up', Tensor>>
  return { down, up, alpha: module.alpha }
}

export function startedVariant({ name, title, word, taken, basis }: Start): AdapterVariant {
  return {
    name,
    title,
    // Its tensors are called as any pair's: only a config tells.
    spelling: { startedDown: { peft: lora.spelling.down?.peft ?? [] }, startedUp: { peft: lora.spelling.up?.peft ?? [] } },
    needs: 'it needs both a down and an up tensor.',
    takes: 'a pair of',
    scaled: true,
    fit: ([O = 0, I = 0], { startedDown }) => {
      const [R = 0] = startedDown?.shape ?? []
      return { shapes: { startedDown: [R, I], startedUp: [O, R] } }
    },
    madeOf({ tensors: { down, up }, ...module }, { init_lora_weights: start }) {
      if (module.variant !== 'lora' || !down || !up || typeof start !== 'string' || start.toLowerCase() !== word) return undefined
      return { ...module, variant: name, tensors: { startedDown: down, startedUp: up } }
    },
    peft: { type: 'LORA', alpha: 'lora_alpha', fields: () => ({ ...loraFields, init_lora_weights: word }) },
    stored: ({ tensors }, dialect) =>
      dialect === 'peft' ? tensors : { no: 'What it adds depends on the weights of the model, from which its first pairs were taken.' },
    rank: (module) => lora.rank(asLora(module)),
    kinds(module) {
      const { down, up } = pairOf(module)
      return [kindOf(2 * (down.shape[0] ?? 0), up.shape[0] ?? 0, down.shape[1] ?? 0)]
    },
    async terms(module, base) {
      const weight = await base.read()
      const pair = pairOf(module)
      const { up, down } = withoutStart(pair, weight, basis(weight, rankOf(pair)), taken(scaleOf(pair)))
      return [termOf(up, down, 1, base.shape)]
    },
    values: (module) => lora.values(asLora(module)),
    /** Of what is known without the base's weights. */
    distance: (module, other) => lora.distance(asLora(module), asLora(other)),
  }
}

/** [s·B | −t·U] · [A; Uᵀ·W]; what of U is not there is nothing. */
function withoutStart(
  pair: LowRank,
  { shape: [O = 0, I = 0], data: w }: Tensor,
  basis: readonly Float64Array[],
  taken: number,
): Omit<LowRank, 'alpha'> {
  const R = rankOf(pair)
  const scale = scaleOf(pair)
  const up = new Float32Array(O * 2 * R)
  const down = new Float32Array(2 * R * I)
  down.set(pair.down.data)
  for (let o = 0; o < O; o++)
    for (let r = 0; r < R; r++) {
      up[o * 2 * R + r] = (pair.up.data[o * R + r] ?? 0) * scale
      up[o * 2 * R + R + r] = -taken * (basis[r]?.[o] ?? 0)
    }
  for (const [r, u] of basis.entries()) {
    const row = new Float64Array(I)
    for (let o = 0; o < O; o++) for (let i = 0; i < I; i++) row[i] = (row[i] ?? 0) + (u[o] ?? 0) * (w[o * I + i] ?? 0)
    down.set(row, (R + r) * I)
  }
  return { up: { shape: [O, 2 * R], data: up }, down: { shape: [2 * R, I], data: down } }
}
