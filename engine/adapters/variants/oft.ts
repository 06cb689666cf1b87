// Qiu et al. 2023, "Controlling text-to-image diffusion by orthogonal finetuning" (arXiv 2306.07280), by output: W′ = RᵀW with R = diag(R₁ … R_n) and
// R_k = (I + Q)(I − Q)⁻¹ of a skew Q = M − Mᵀ. Liu et al. 2024, "BOFT" (arXiv 2311.06243): several such factors, each over another order of the rows,
// which LyCORIS multiplies as R. Its `rescale` is a factor of each output. Reference: lycoris functional/{diag_oft,boft}.py, sd-scripts networks/oft.py.
//
// The alpha of a file is a constraint: ‖Q‖ over all blocks is clipped to alpha · outputs in LyCORIS and sd-scripts, which is followed here, to alpha
// itself in ComfyUI. LyCORIS and ComfyUI clip nothing where it is 0; sd-scripts then lets nothing turn, and cannot have trained such a file.
import { z } from 'zod'
import { relativeL2, type Tensor } from '../../tensor/tensor.ts'
import type { AdapterModule } from '../adapter.ts'
import { divided } from '../kronecker-sizes.ts'
import { rotationOf, turned } from '../rotation-graph.ts'
import { cayley, skew, turnRows } from '../rotation.ts'
import type { TrainableVariant } from './variant.ts'

/** LyCORIS' `lora_dim`: how wide a block is, or the divisor nearest below it. */
const options = z.object({ rank: z.int().min(1).default(16) })

const blocksOf = ({ tensors }: Pick<AdapterModule, 'tensors'>): Tensor => tensors.blocks as Tensor

/** The factors of BOFT, (m, n, b, b); one of diag-OFT, (n, b, b). */
const stagesOf = ({ shape }: Tensor): number => (shape.length === 4 ? (shape[0] ?? 0) : 1)

/** Q of every block. */
function skewed({ shape, data }: Tensor): Float64Array[] {
  const b = shape.at(-1) ?? 0
  return Array.from({ length: data.length / (b * b) }, (_, k) => skew(data.subarray(k * b * b, (k + 1) * b * b), b))
}

/** What brings ‖Q‖ over all blocks within a constraint; 1 where it is, or where there is none. */
function within(blocks: readonly Float64Array[], constraint: number): number {
  const norm = Math.sqrt(blocks.reduce((sum, q) => sum + q.reduce((own, value) => own + value * value, 0), 0)) + 1e-8
  return constraint > 0 && norm > constraint ? constraint / norm : 1
}

/** The order in which stage `i` of BOFT takes rows into blocks: of (c, 2, k) it makes (c, k, 2), with k = 2ⁱ·b/2. */
function butterfly(outputs: number, i: number, b: number): number[] {
  const k = (2 ** i * b) / 2
  return Array.from({ length: outputs }, (_, at) => {
    const [c, inside] = [Math.floor(at / (2 * k)), at % (2 * k)]
    return c * 2 * k + (inside % 2) * k + Math.floor(inside / 2)
  })
}

function rotated({ shape: [outputs = 0], data: base }: Tensor, module: AdapterModule): Float32Array {
  const data = base.slice()
  const blocks = blocksOf(module)
  const b = blocks.shape.at(-1) ?? 0
  const all = skewed(blocks)
  const by = within(all, module.alpha * outputs)
  const rotations = all.map((q) =>
    cayley(
      q.map((value) => value * by),
      b,
    ),
  )
  const each = outputs / b
  const butterflies = blocks.shape.length === 4
  for (let i = 0; i < stagesOf(blocks); i++) {
    const order = butterflies ? butterfly(outputs, i, b) : Array.from({ length: outputs }, (_, row) => row)
    turnRows(data, rotations.slice(i * each, (i + 1) * each), order, butterflies ? 'R' : 'Rᵀ')
  }
  const { rescale } = module.tensors
  const width = data.length / outputs
  return rescale ? data.map((value, i) => value * (rescale.data[Math.floor(i / width)] ?? 1)) : data
}

export const oft: TrainableVariant<typeof options> = {
  name: 'oft',
  title: 'OFT',
  sentence:
    'Turns what a layer writes without stretching it, so that the model keeps more of what it knows: choose it to be careful, for longer steps.',
  options,
  spelling: { blocks: { kohya: ['.oft_blocks'] }, rescale: { kohya: ['.rescale'] } },
  forms: [['blocks'], ['blocks', 'rescale']],
  needs: 'an OFT module needs its blocks.',
  takes: 'blocks of',
  scaled: true,
  alphaUntold: 0,

  fit([outputs = 0, , ...kernel], { blocks, rescale }) {
    const shape = blocks?.shape ?? []
    const [b = 0, count = 0, stages = 1] = shape.toReversed().slice(1)
    const [named, facts] = [`"${blocks?.name}" is [${shape.join(', ')}]`, { outputs, blocks: shape }]
    if (shape.length < 3 || shape.length > 4 || shape.at(-1) !== b || b < 1)
      return { broken: `its blocks have as many rows as columns, and ${named}.`, facts }
    if (count * b !== outputs) return { unfit: `has ${outputs} outputs, and ${named}, blocks of ${b} × ${b} for ${count * b}` }
    // Stage i takes pairs of rows that lie 2ⁱ·b/2 apart.
    if (shape.length === 4 && (b % 2 !== 0 || stages < 1 || stages > 32 || outputs % (2 ** (stages - 1) * b) !== 0))
      return { broken: `${stages} stages of blocks of ${b} × ${b} do not divide ${outputs} outputs: ${named}.`, facts }
    return { shapes: { blocks: shape, ...(rescale && { rescale: [outputs, 1, ...kernel.map(() => 1)] }) }, accepted: ['blocks'] }
  },
  rank: () => undefined,
  kinds: () => ['dense'],
  async terms(module, source) {
    const { shape, data } = await source.read()
    return [{ kind: 'dense', delta: { shape, data: rotated({ shape, data }, module).map((value, i) => value - (data[i] ?? 0)) } }]
  },
  values: ({ tensors, alpha }) => [...Object.values(tensors).map(({ data }) => [data, 1] as const), [Float32Array.of(alpha), 1]],
  distance(module, other) {
    const [own, its] = [module.tensors, other.tensors]
    if (Object.keys(own).length !== Object.keys(its).length || blocksOf(module).shape.join() !== blocksOf(other).shape.join())
      return Infinity
    return Math.max(...Object.entries(own).map(([role, { data }]) => relativeL2(its[role]?.data ?? new Float32Array(data.length), data)))
  },

  training: {
    /** No constraint. */
    alpha: 0,
    create({ path, weight: [outputs = 0] }, { rank }) {
      const [b, count] = divided(outputs, rank)
      return [{ role: 'blocks', name: `oft.blocks/${path}`, shape: [count, b, b], start: { kind: 'zeros' }, group: 'other' }]
    },
    apply(x, { blocks }, layer) {
      if (!blocks) return layer.output(x)
      const r = layer.graph.outsideSegments(() => rotationOf(blocks))
      return layer.biased(turned(layer.product(x), r, layer))
    },
    members: { no: 'Rotations, averaged, are no rotations.' },
    /** What constrained them is counted in. */
    split(module) {
      const { shape, data } = blocksOf(module)
      const by = within(skewed({ shape, data }), module.alpha * (shape.at(-1) ?? 0) * (shape.at(-3) ?? 0))
      return { ...module.tensors, blocks: { shape, data: data.map((value) => value * by) } }
    },
    join: ([only = {}]) => Object.fromEntries(Object.entries(only).map(([role, { shape, data }]) => [role, { shape, data: data.slice() }])),
    written: () => ({ module: 'lycoris.kohya', arguments: { algo: 'diag-oft' } }),
  },
}
