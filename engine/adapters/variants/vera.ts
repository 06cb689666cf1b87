// Kopiczko et al. 2023, "VeRA" (arXiv 2310.11454), as peft has it: ΔW = λ_b ⊙ B · (λ_d ⊙ A), with random A (R, I′) and B (O′, R) that all layers share,
// each taking what it needs of them from the start. R rank, O outputs, I inputs, O′ and I′ the most of any. A file that does not hold A and B (peft's
// save_projection=False) means those that torch draws by the key in its config. Elsewhere it is the LoRA that it equals. Reference: peft
// tuners/vera/{layer,model}.py.
import { mersenneTwister, torchUniform } from '../../tensor/mersenne-twister.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { AdapterModule } from '../adapter.ts'
import { kindOf, termOf } from '../products.ts'
import { lora, loraFields, loraModule, pairOf } from './lora.ts'
import type { AdapterVariant, Tensors } from './variant.ts'
import type { Source } from '../source.ts'

type Parts = Readonly<Record<'lambdaB' | 'lambdaD' | 'a' | 'b', Tensor>>
const partsOf = ({ tensors }: Pick<AdapterModule, 'tensors'>): Parts => tensors as unknown as Parts

const rank = (module: Pick<AdapterModule, 'tensors'>): number => partsOf(module).lambdaD.data.length
/** Kept as an empty tensor's shape: what the layer takes of A. */
const inputs = ({ tensors }: Pick<AdapterModule, 'tensors'>): number => tensors.inputs?.shape[1] ?? 0

/** λ_d ⊙ A and λ_b ⊙ B, of the layer's own size. */
function plain(module: AdapterModule): AdapterModule {
  const { lambdaB, lambdaD, a, b } = partsOf(module)
  const [R, O, I, wide] = [rank(module), lambdaB.data.length, inputs(module), a.shape[1] ?? 0]
  const down = new Float32Array(R * I)
  for (let r = 0; r < R; r++) for (let i = 0; i < I; i++) down[r * I + i] = (lambdaD.data[r] ?? 0) * (a.data[r * wide + i] ?? 0)
  const up = b.data.subarray(0, O * R).map((value, i) => value * (lambdaB.data[Math.floor(i / R)] ?? 0))
  return loraModule(module, { down: { shape: [R, I], data: down }, up: { shape: [O, R], data: up }, alpha: module.alpha })
}

const sharedKeys = { a: ['base_model.vera_A', 'base_model.vera_A.default'], b: ['base_model.vera_B', 'base_model.vera_B.default'] } as const

/** Drawn once for a file. */
const drawn = new WeakMap<Source['weights'], Readonly<Record<'a' | 'b', Tensor>>>()

/** A and B of the file, or as peft draws them: kaiming's uniform within ±√6 / √inputs of each. */
async function projections({ config, shared, weights }: Source, R: number): Promise<Readonly<Record<'a' | 'b', Tensor>> | undefined> {
  const first = async (keys: readonly string[]): Promise<Tensor | undefined> => (await shared(keys[0] ?? '')) ?? shared(keys[1] ?? '')
  const [a, b] = [await first(sharedKeys.a), await first(sharedKeys.b)]
  if (a && b) return { a, b }
  const key = config?.projection_prng_key
  if (typeof key !== 'number' || !Number.isSafeInteger(key)) return undefined
  const known = drawn.get(weights)
  if (known) return known
  const [O, I] = [Math.max(...weights.map(([outputs = 0]) => outputs)), Math.max(...weights.map(([, n = 0]) => n))]
  const random = mersenneTwister(key)
  const draw = (shape: readonly [number, number]): Tensor => {
    const bound = Math.sqrt(3) * (Math.sqrt(2) / Math.sqrt(shape[1]))
    return { shape, data: torchUniform(random, shape[0] * shape[1], -bound, bound) }
  }
  const made = { a: draw([R, I]), b: draw([O, R]) }
  drawn.set(weights, made)
  return made
}

export const vera: AdapterVariant = {
  name: 'vera',
  title: 'VeRA',
  spelling: {
    lambdaB: { peft: ['.vera_lambda_b', '.vera_lambda_b.*'] },
    lambdaD: { peft: ['.vera_lambda_d', '.vera_lambda_d.*'] },
    // What it is written as.
    down: { kohya: lora.spelling.down?.kohya ?? [], peft: lora.spelling.down?.peft ?? [] },
    up: { kohya: lora.spelling.up?.kohya ?? [], peft: lora.spelling.up?.peft ?? [] },
  },
  forms: [['lambdaB', 'lambdaD']],
  shared: Object.values(sharedKeys).flat(),
  needs: 'a VeRA module needs vera_lambda_b and vera_lambda_d.',
  takes: 'vectors of',
  scaled: true,
  peft: { type: 'VERA', writtenAs: 'LORA', alpha: 'lora_alpha', fields: () => loraFields },

  fit([O = 0, , ...kernel], { lambdaD, lambdaB }) {
    if (kernel.length > 0) return { unfit: 'is a convolution, which VeRA does not act on' }
    const [R = 0] = lambdaD?.shape ?? []
    if (R < 1) return { nothing: 'The rank of its module is 0, so that it changes nothing.' }
    const accepted = [...(lambdaD?.shape.length === 1 ? ['lambdaD'] : []), ...(lambdaB?.shape.join() === String(O) ? ['lambdaB'] : [])]
    return { shapes: { lambdaB: [O], lambdaD: [R] }, accepted }
  },
  async completed(module, [O = 0, I = 0], source) {
    const R = partsOf(module).lambdaD.data.length
    const found = await projections(source, R)
    if (!found)
      return {
        no: 'VeRA multiplies vectors with random matrices that all layers share, and they are neither in the file nor to be drawn by a projection_prng_key of its adapter_config.json. Put that config beside the file, or save it in PEFT with save_projection=True.',
      }
    const { a, b } = found
    if (a.shape[0] !== R || b.shape[1] !== R || (a.shape[1] ?? 0) < I || (b.shape[0] ?? 0) < O)
      return {
        no: `The random matrices of the file, [${a.shape.join(', ')}] and [${b.shape.join(', ')}], do not hold those of a layer of [${O}, ${I}] at rank ${R}.`,
      }
    return { ...module, tensors: { ...module.tensors, a, b, inputs: { shape: [0, I], data: new Float32Array() } }, alpha: R }
  },
  stored: (module): Tensors => plain(module).tensors,
  plain,
  rank,
  kinds: (module) => [kindOf(rank(module), partsOf(module).lambdaB.data.length, inputs(module))],
  terms(module, base) {
    const { down, up } = pairOf(plain(module))
    return [termOf(up, down, module.alpha / rank(module), base.shape)]
  },
  values: (module) => lora.values(plain(module)),
  distance: (module, other) => lora.distance(plain(module), plain(other)),
}
