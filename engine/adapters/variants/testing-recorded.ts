// What LyCORIS and peft saved of tiny layers, and what they added to their weights (build/reference/lycoris_variants.py), through the real readers.
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { stored } from '../../adapter-formats/format.ts'
import { readAdapter, writeAdapter, type ModuleShapes } from '../../adapter-formats/read.ts'
import { writeSafetensors } from '../../files/safetensors.ts'
import { familyCalled } from '../../models/family-called.ts'
import { PigmentError } from '../../requests/error.ts'
import { relativeL2, type Tensor } from '../../tensor/tensor.ts'
import type { Adapter, AdapterModule } from '../adapter.ts'
import { stackFeeds } from '../stack-feeds.ts'
import { inputNameA, inputNameB, inputNameGain } from '../stack-inputs.ts'
import { addTerm, addToBias, type BaseWeight, type Term } from '../term.ts'
import { variantCalled } from './variant.ts'

export interface Packed {
  readonly shape: readonly number[]
  readonly data: string
}
export interface Recorded {
  readonly program: string
  readonly layer: string
  readonly config?: object
  readonly base: Packed
  readonly tensors: Readonly<Record<string, Packed>>
  /** What the file has once for all modules, by whole keys. */
  readonly shared?: Readonly<Record<string, Packed>>
  readonly merged: Packed
  readonly bias?: Packed
  readonly mergedBias?: Packed
}

export const recordedOf = (name: string): { readonly merged: readonly Recorded[] } & Readonly<Record<string, unknown>> =>
  JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8')) as { readonly merged: readonly Recorded[] }

export const unpacked = ({ shape, data }: Packed): Tensor => {
  const bytes = Uint8Array.from(Buffer.from(data, 'base64'))
  return { shape, data: new Float32Array(bytes.buffer) }
}

const path = 'mid_block.attentions.0.proj_in'

/** A model of one layer. */
export const modelOf = (weight: readonly number[]): ModuleShapes => ({
  family: 'sd1',
  layout: familyCalled('sd1').published.unet,
  shapes: new Map([[`unet.${path}`, weight]]),
  closed: new Map(),
})

const stems = {
  kohya: `lora_unet_${path.replaceAll('.', '_')}`,
  lycoris: `lycoris_${path.replaceAll('.', '_')}`,
  'sd-scripts': `oft_unet_${path.replaceAll('.', '_')}`,
  comfyui: `diffusion_model.middle_block.1.proj_in`,
  'peft in memory': `base_model.model.${path}`,
  peft: `base_model.model.${path}`,
}
export type Manner = keyof typeof stems

/** Writes what was recorded as a manner of naming has it, and reads it as any file. */
export async function read(one: Recorded, manner: Manner, changed: Readonly<Record<string, Tensor>> = {}): Promise<Adapter> {
  const folder = await mkdtemp(join(tmpdir(), 'pigment-'))
  const suffix = manner === 'peft in memory' ? '.default' : ''
  const tensors = Object.entries(one.tensors).map(([key, packed]) =>
    stored(stems[manner] + key + suffix, changed[key] ?? unpacked(packed), 'fp32'),
  )
  tensors.push(...Object.entries(one.shared ?? {}).map(([key, packed]) => stored(key, unpacked(packed), 'fp32')))
  const base = modelOf(one.base.shape)
  if (!one.config) {
    await writeSafetensors(join(folder, 'a.safetensors'), tensors)
    return readAdapter(join(folder, 'a.safetensors'), base)
  }
  await mkdir(folder, { recursive: true })
  await writeSafetensors(join(folder, 'adapter_model.safetensors'), tensors)
  await writeFile(join(folder, 'adapter_config.json'), JSON.stringify(one.config))
  return readAdapter(folder, base)
}

export const baseOf = ({ base, bias }: Recorded): BaseWeight => ({
  shape: base.shape,
  read: () => Promise.resolve(unpacked(base)),
  ...(bias ? { bias: () => Promise.resolve(unpacked(bias)) } : {}),
})

/** W′ − W, folded. */
export async function folded(module: AdapterModule, one: Recorded, weight = 1): Promise<Float32Array> {
  const base = unpacked(one.base)
  const terms = await variantCalled(module.variant).terms(module, baseOf(one))
  const data = base.data.slice()
  for (const term of terms) addTerm(data, base, term, weight)
  return data.map((value, i) => value - (base.data[i] ?? 0))
}

export const recordedChange = ({ base, merged }: Recorded): Float32Array => {
  const from = unpacked(base).data
  return unpacked(merged).data.map((value, i) => value - (from[i] ?? 0))
}

/** W′ − W as the inputs of a graph have it; undefined where it has to be folded. */
export async function stacked(module: AdapterModule, one: Recorded, weight: number): Promise<Float32Array | undefined> {
  const variant = variantCalled(module.variant)
  const terms = await variant.terms(module, baseOf(one))
  expect(terms.map(({ kind }) => kind)).toEqual(variant.kinds(module))
  if (terms.some(({ kind }) => kind === 'dense')) return undefined
  const adapted = { path: 'x', weight: one.base.shape, gains: ['output', 'input'] as const }
  const feeds = stackFeeds(new Map([['x', terms.map((term: Term) => ({ term, weight }))]]), [adapted])
  const [a, b, output, input] = [inputNameA('x'), inputNameB('x'), inputNameGain('x', 'output'), inputNameGain('x', 'input')].map(
    (name) => feeds[name]?.data as Float32Array,
  )
  const [outputs = 0, inputs = 0] = one.base.shape
  const base = unpacked(one.base).data
  const columns = base.length / outputs
  const rank = (a?.length ?? 0) / columns
  return base.map((value, i) => {
    const [o, column] = [Math.floor(i / columns), i % columns]
    const channel = Math.floor(column / (columns / inputs))
    let sum = value * ((output?.[o] ?? 1) * (input?.[channel] ?? 1) - 1)
    for (let r = 0; r < rank; r++) sum += (b?.[o * rank + r] ?? 0) * (a?.[r * columns + column] ?? 0)
    return sum
  })
}

/** The bias under it. */
async function foldedBias(module: AdapterModule, one: Recorded, bias: Packed): Promise<Float32Array> {
  const { data } = unpacked(bias)
  for (const term of await variantCalled(module.variant).terms(module, baseOf(one))) addToBias(data, term, 1)
  return data
}

/** Read in a manner, folded and stacked, it does what its program made of it. */
export async function expectRecorded(one: Recorded, manner: Manner): Promise<AdapterModule> {
  const { modules, skipped } = await read(one, manner)
  expect(skipped).toEqual([])
  const [module] = modules
  if (!module) throw new Error('nothing was read')
  expect(relativeL2(await folded(module, one), recordedChange(one))).toBeLessThan(1e-5)
  if (one.bias && one.mergedBias)
    expect(relativeL2(await foldedBias(module, one, one.bias), unpacked(one.mergedBias).data)).toBeLessThan(1e-6)
  const inputs = await stacked(module, one, -0.4)
  if (inputs) expect(relativeL2(inputs, await folded(module, one, -0.4))).toBeLessThan(1e-5)
  return module
}

const formats = [
  ['kohya', false],
  ['peft', true],
] as const

/** Written and read back, as kohya's file and PEFT's folder, it does what it did; gives what each refused. */
export async function expectWritten(module: AdapterModule, one: Recorded): Promise<string[]> {
  const base = modelOf(one.base.shape)
  const refused: string[] = []
  for (const [format, isFolder] of formats) {
    const folder = await mkdtemp(join(tmpdir(), 'pigment-'))
    const adapter = { name: 'a', modules: [module], metadata: {}, skipped: [] }
    const written = await writeAdapter(adapter, format, folder, { modules: base, precision: 'fp32' }).catch((error: unknown) => {
      refused.push(`${format}: ${error instanceof PigmentError ? error.message : String(error)}`)
    })
    if (!written) continue
    const { modules } = await readAdapter(isFolder ? folder : (written[0] ?? ''), base)
    const again = await folded(modules[0] as AdapterModule, one)
    expect(relativeL2(again, await folded(module, one))).toBeLessThan(1e-6)
  }
  return refused
}
