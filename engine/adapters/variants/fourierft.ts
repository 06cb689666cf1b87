// Gao et al. 2024, "FourierFT" (arXiv 2405.03003), as peft has it: ΔW = α · Re(F⁻¹(S)) with a spectrum S that is nothing but at n places, which torch
// draws by a seed of the config. Rows of S that are something make pairs of waves, a product of two thin matrices, or too many of them. Reference: peft
// tuners/fourierft/layer.py. O outputs, I inputs.
import { mersenneTwister, torchPermutation } from '../../tensor/mersenne-twister.ts'
import { relativeL2, type Tensor } from '../../tensor/tensor.ts'
import type { AdapterModule } from '../adapter.ts'
import { circle, realSum, transformedRows } from '../fourier.ts'
import { kindOf } from '../products.ts'
import type { Term } from '../term.ts'
import type { AdapterVariant } from './variant.ts'

/** A spectrum (n), and the seed of its places in the shape of an empty tensor, with that of its layer: (0, O, I, seed). */
type Parts = Readonly<Record<'spectrum' | 'placed', Tensor>>
const partsOf = ({ tensors }: Pick<AdapterModule, 'tensors'>): Parts => tensors as unknown as Parts

const sizeOf = (module: Pick<AdapterModule, 'tensors'>): readonly [O: number, I: number] => {
  const [, O = 0, I = 0] = partsOf(module).placed.shape
  return [O, I]
}
const seedOf = (module: Pick<AdapterModule, 'tensors'>): number => partsOf(module).placed.shape[3] ?? 0

const drawn = new WeakMap<Tensor, readonly number[]>()

/** Places in the spectrum, row by row. */
function placesOf(module: Pick<AdapterModule, 'tensors'>): readonly number[] {
  const { spectrum, placed } = partsOf(module)
  const [O, I] = sizeOf(module)
  const places = drawn.get(placed) ?? torchPermutation(mersenneTwister(seedOf(module)), O * I, spectrum.data.length) ?? []
  drawn.set(placed, places)
  return places
}

/** Two waves for every row of the spectrum that is something. */
function waves(module: Pick<AdapterModule, 'tensors'>): number {
  const [, I] = sizeOf(module)
  return 2 * new Set(placesOf(module).map((place) => Math.floor(place / I))).size
}

function transformed(module: AdapterModule): ReturnType<typeof transformedRows> {
  const { spectrum } = partsOf(module)
  const [O, I] = sizeOf(module)
  const scale = module.alpha / (O * I)
  const values = placesOf(module).map((place, k) => [Math.floor(place / I), place % I, (spectrum.data[k] ?? 0) * scale] as const)
  return transformedRows(values, I)
}

function term(module: AdapterModule): Exclude<Term, { kind: 'gain' | 'shift' }> {
  const [O, I] = sizeOf(module)
  const rows = transformed(module)
  const R = 2 * rows.size
  if (kindOf(R, O, I) === 'dense') return { kind: 'dense', delta: { shape: [O, I], data: realSum(rows, O, I) } }
  // Re(e^{2πi·op/O} · g) = cos(2π·op/O) · Re g − sin(2π·op/O) · Im g.
  const [cos, sin] = circle(O)
  const up = new Float32Array(O * R)
  const down = new Float32Array(R * I)
  for (const [k, [p, { re, im }]] of [...rows].entries()) {
    down.set(re, 2 * k * I)
    down.set(im, (2 * k + 1) * I)
    for (let o = 0; o < O; o++) {
      up[o * R + 2 * k] = cos[(o * p) % O] ?? 0
      up[o * R + 2 * k + 1] = -(sin[(o * p) % O] ?? 0)
    }
  }
  return { kind: 'low-rank', up: { shape: [O, R], data: up }, down: { shape: [R, I], data: down }, alpha: R }
}

const dense = (module: AdapterModule): Float32Array => realSum(transformed(module), ...sizeOf(module))

export const fourierft: AdapterVariant = {
  name: 'fourierft',
  title: 'FourierFT',
  spelling: { spectrum: { peft: ['.fourierft_spectrum', '.fourierft_spectrum.*'] } },
  needs: 'a FourierFT module needs its spectrum.',
  takes: 'a spectrum of',
  scaled: false,
  peft: {
    type: 'FOURIERFT',
    alpha: 'scaling',
    fields(modules) {
      const [seeds, scales] = [new Set(modules.map(seedOf)), new Set(modules.map(({ alpha }) => alpha))]
      if (seeds.size > 1 || scales.size > 1) return { no: 'Its layers have different seeds or scales, and PEFT has one of each.' }
      const frequencies = modules.map((module): [string, number] => [module.path, partsOf(module).spectrum.data.length])
      return {
        fan_in_fan_out: false,
        init_weights: true,
        n_frequency: 1000,
        n_frequency_pattern: Object.fromEntries(frequencies),
        random_loc_seed: [...seeds][0],
      }
    },
  },

  fit([O = 0, I = 0, ...kernel], { spectrum }) {
    const [n = 0] = spectrum?.shape ?? []
    if (kernel.length > 0) return { unfit: 'is a convolution, which FourierFT does not act on' }
    if (n < 1) return { nothing: 'It has no frequency, so that it changes nothing.' }
    if (n > O * I) return { broken: `its spectrum has ${n} frequencies, and its layer has room for ${O * I}.` }
    return { shapes: { spectrum: [n] }, accepted: spectrum?.shape.length === 1 ? ['spectrum'] : [] }
  },
  completed(module, [O = 0, I = 0], { config }) {
    const [seed, scaling] = [config?.random_loc_seed, config?.scaling]
    const said = typeof seed === 'number' && Number.isSafeInteger(seed) && typeof scaling === 'number' && Number.isFinite(scaling)
    if (!said)
      return Promise.resolve({
        no: 'FourierFT keeps the strength of frequencies, and where they lie is drawn by random_loc_seed of its adapter_config.json, as its scale is by scaling there. Put that config beside the file.',
      })
    const placed = { shape: [0, O, I, seed], data: new Float32Array() }
    const made = { ...module, tensors: { ...module.tensors, placed }, alpha: scaling }
    if (placesOf(made).length > 0) return Promise.resolve(made)
    return Promise.resolve({ no: `A layer of [${O}, ${I}] is larger than any whose frequencies torch is known to place.` })
  },
  rank: () => undefined,
  kinds: (module) => [kindOf(waves(module), ...sizeOf(module))],
  terms: (module) => [term(module)],
  values: (module) => [
    [partsOf(module).spectrum.data, module.alpha],
    [Float32Array.from(placesOf(module)), 1],
  ],
  distance: (module, other) => (sizeOf(module).join() === sizeOf(other).join() ? relativeL2(dense(other), dense(module)) : Infinity),
}
