// OFT in its four layouts against what their own programs merged of the same tensors (build/reference/oft_variants.py).
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { stored } from '../../adapter-formats/format.ts'
import { readAdapter } from '../../adapter-formats/read.ts'
import { writeSafetensors } from '../../files/safetensors.ts'
import type { AdapterModule } from '../adapter.ts'
import { relativeL2, type Tensor } from '../../tensor/tensor.ts'
import { oft } from './oft.ts'
import { expectTrained } from './testing-trained.ts'
import { isFolded } from './variant.ts'
import {
  expectRecorded,
  expectWritten,
  folded,
  modelOf,
  read,
  recordedChange,
  recordedOf,
  unpacked,
  type Manner,
  type Packed,
  type Recorded,
} from './testing-recorded.ts'

const { merged, training } = recordedOf('oft')
const of = (program: string, layer: string): Recorded => merged.find((one) => one.program === program && one.layer === layer) as Recorded

function manners({ program, config }: Recorded): Manner[] {
  if (config) return ['peft']
  return program.startsWith('sd-scripts') ? ['sd-scripts'] : ['kohya', 'lycoris', 'comfyui']
}

describe('does what its program made of it, folded', () => {
  const cases = merged.flatMap((one) => manners(one).map((manner) => [`${one.program}: ${one.layer}, ${manner}`, one, manner] as const))
  test.each(cases)('%s', async (_, one, manner) => {
    const module = await expectRecorded(one, manner)
    expect(isFolded(module)).toBe(true)
    const refused = await expectWritten(module, one)
    // PEFT has nothing by output; the others have five terms of the series alone.
    const elsewhere = one.program.startsWith('peft') && !/series|shared|bounded/.test(one.program) ? ['kohy'] : []
    expect(refused.map((why) => why.slice(0, 4))).toEqual(module.variant === 'oft' ? ['peft'] : elsewhere)
  })
})

test('without an alpha nothing is constrained', async () => {
  const one = of('lycoris diag', 'linear')
  const { '.alpha': alpha, ...others } = one.tensors
  expect(alpha?.shape).toEqual([])
  const [module] = (await read({ ...one, tensors: others }, 'kohya')).modules
  expect(module?.alpha).toBe(0)
  expect(relativeL2(await folded(module as AdapterModule, one), recordedChange(one))).toBeLessThan(1e-5)
})

test.each([
  ['BOOL', Uint8Array.of(1)],
  ['I64', Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0)],
])('the mark of OneTrainer’s scale may be a %s, in ldm names too', async (dtype, data) => {
  const one = of('OneTrainer, scaled', 'linear')
  const folder = await mkdtemp(join(tmpdir(), 'pigment-'))
  const stem = 'diffusion_model.middle_block.1.proj_in.oft_R'
  await writeSafetensors(join(folder, 'a.safetensors'), [
    stored(`${stem}.weight`, unpacked(one.tensors['.oft_R.weight'] as Packed), 'fp32'),
    { name: `${stem}.scaled_oft`, dtype, shape: [], data },
  ])
  const { modules } = await readAdapter(join(folder, 'a.safetensors'), modelOf(one.base.shape))
  expect(relativeL2(await folded(modules[0] as AdapterModule, one), recordedChange(one))).toBeLessThan(1e-5)
})

test('PEFT in memory has the name of the adapter inside', async () => {
  const one = of('peft series', 'conv')
  const [packed] = Object.values(one.tensors)
  if (!packed) throw new Error('nothing was recorded')
  await expectRecorded({ ...one, tensors: { '.oft_R.default.weight': packed } }, 'peft')
})

test('what constrained the blocks is counted into those that are trained further', async () => {
  const one = of('lycoris diag constrained', 'linear')
  const module = await expectRecorded(one, 'kohya')
  const blocks = oft.training.split(module, { member: 0, members: 1, alpha: 16 })
  expect(relativeL2(blocks.blocks?.data ?? [], module.tensors.blocks?.data ?? [])).toBeGreaterThan(0.1)
  expect(relativeL2(await folded({ ...module, tensors: blocks, alpha: 0 }, one), await folded(module, one))).toBeLessThan(1e-6)
})

test('a strength is a share of the whole change', async () => {
  const one = of('lycoris boft', 'conv')
  const module = await expectRecorded(one, 'kohya')
  const whole = await folded(module, one)
  expect(relativeL2(await folded(module, one, 0.5), whole.map((value) => value / 2))).toBeLessThan(1e-5) // prettier-ignore
})

const filled = (shape: readonly number[], value = 0.1): Tensor => ({
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value),
})

describe('refuses', () => {
  const diag = of('lycoris diag', 'linear')
  const boft = of('lycoris boft', 'linear')
  const v2 = of('OneTrainer', 'linear')
  test.each<[string, Recorded, string, Tensor, string, RegExp]>([
    [
      'blocks for other outputs',
      diag,
      '.oft_blocks',
      filled([3, 2, 2]),
      'adapter-family-mismatch',
      /has 8 outputs, and ".*oft_blocks" is \[3, 2, 2\], blocks of 2 × 2 for 6/,
    ],
    ['blocks that are not square', diag, '.oft_blocks', filled([4, 2, 3]), 'adapter-broken', /as many rows as columns/],
    ['blocks of no rows', diag, '.oft_blocks', filled([4, 0, 0]), 'adapter-broken', /as many rows as columns/],
    ['blocks without a number', diag, '.oft_blocks', filled([8, 8]), 'adapter-broken', /as many rows as columns/],
    [
      'more stages than there are rows',
      boft,
      '.oft_blocks',
      filled([4, 4, 2, 2]),
      'adapter-broken',
      /4 stages of blocks of 2 × 2 do not divide 8 outputs/,
    ],
    ['stages of odd blocks', boft, '.oft_blocks', filled([1, 8, 1, 1]), 'adapter-broken', /1 stages of blocks of 1 × 1/],
    ['NaN', diag, '.oft_blocks', filled([4, 2, 2], NaN), 'adapter-broken', /oft_blocks" holds NaN/],
    ['an alpha that is NaN', diag, '.alpha', filled([], NaN), 'adapter-broken', /alpha" holds NaN/],
    ['numbers that are no triangle', v2, '.oft_R.weight', filled([3, 2]), 'adapter-broken', /b·\(b − 1\)\/2 numbers each.*\[3, 2\]/],
    [
      'blocks for other inputs',
      v2,
      '.oft_R.weight',
      filled([4, 3]),
      'adapter-family-mismatch',
      /has 6 inputs, and ".*oft_R.weight" is \[4, 3\], blocks of 3 × 3 for 12/,
    ],
  ])('%s', async (_, one, key, tensor, code, message) => {
    const failure = read(one, 'kohya', { [key]: tensor })
    await expect(failure).rejects.toMatchObject({ code })
    await expect(failure).rejects.toThrow(message)
  })

  test('a part alone', async () => {
    const { '.oft_blocks': blocks, ...others } = of('lycoris diag rescaled', 'linear').tensors
    expect(blocks?.shape).toEqual([4, 2, 2])
    await expect(read({ ...diag, tensors: others }, 'kohya')).rejects.toThrow(/only ".*rescale" is there; an OFT module needs its blocks/)
    const { '.oft_R.weight': upper, ...marker } = of('OneTrainer, scaled', 'linear').tensors
    expect(upper?.shape).toEqual([2, 3])
    await expect(read({ ...v2, tensors: marker }, 'kohya')).rejects.toThrow(/only ".*scaled_oft" is there/)
  })

  test.each([
    ['use_cayley_neumann', 'yes', /neither true nor false/],
    ['num_cayley_neumann_terms', 0.5, /no number of 1 to 100/],
    ['num_cayley_neumann_terms', 1e9, /no number of 1 to 100/],
    ['coft', 1, /neither true nor false/],
    ['eps', 'small', /no length/],
  ])('a config whose %s is %s', async (field, value, message) => {
    const one = of('peft bounded', 'linear')
    await expect(read({ ...one, config: { ...one.config, [field]: value } }, 'peft')).rejects.toThrow(message)
  })

  test('other formulas of the same name', async () => {
    const blocks = diag.tensors['.oft_blocks'] as never
    await expect(read({ ...diag, tensors: { '.oft_diag': blocks } }, 'kohya')).rejects.toThrow(/before 2\.0/)
    await expect(read({ ...diag, tensors: { '.oft_r.default': blocks } }, 'peft')).rejects.toThrow(/PEFT before 0\.15/)
    await expect(read({ ...diag, tensors: { '.boft_R': blocks } }, 'peft')).rejects.toThrow(/BOFT as PEFT saves it/)
  })
})

test('trains as LyCORIS does: gradients of the first step, and thirty steps with AdamW', () => expectTrained(oft, training))
