// Every file of the census is read and does what its program made of it, or is refused as it should be.
import { afterAll, expect, test } from 'vitest'
import { addTerm, addToBias, type BaseWeight } from '../adapters/term.ts'
import { variants } from '../adapters/variants/index.ts'
import { variantCalled } from '../adapters/variants/variant.ts'
import type { AdapterModule, AdapterReading } from '../adapters/adapter.ts'
import type { Family } from '../checkpoint/config.ts'
import { relativeL2 } from '../tensor/tensor.ts'
import { censusBase, censusCases, censusWeight, numbers, probeOf, writeCase, type CensusCase } from './fixtures/census.ts'
import { readAdapter } from './read.ts'

const tally = { exact: 0, refused: 0, worst: 0 }
afterAll(() => {
  process.stdout.write(
    `Census: ${tally.exact} of ${censusCases.length} files read exactly (worst ${tally.worst.toExponential(1)}), ${tally.refused} refused by name.\n`,
  )
})

interface Change {
  readonly weight: Float32Array
  readonly bias: Float32Array
}

/** W′ − W and b′ − b of all modules that stand on a layer. */
async function changeOf(modules: readonly AdapterModule[], family: Family, key: string): Promise<Change> {
  const { weight, bias } = censusWeight(family, key)
  const base: BaseWeight = {
    shape: weight.shape,
    read: () => Promise.resolve(weight),
    ...(bias ? { bias: () => Promise.resolve(bias) } : {}),
  }
  const data = weight.data.slice()
  const shifted = new Float32Array(weight.shape[0] ?? 0)
  for (const module of modules)
    for (const term of await variantCalled(module.variant).terms(module, base)) {
      addTerm(data, weight, term, 1)
      addToBias(shifted, term, 1)
    }
  return { weight: data.map((value, i) => value - (weight.data[i] ?? 0)), bias: shifted }
}

/** Times x. */
function through(change: Float32Array, outputs: number): Float32Array {
  const columns = change.length / outputs
  const x = probeOf(columns)
  return Float32Array.from({ length: outputs }, (_, o) => {
    let sum = 0
    for (let i = 0; i < columns; i++) sum += (change[o * columns + i] ?? 0) * (x[i] ?? 0)
    return sum
  })
}

/** What every read tells of itself. */
function expectReading({ name, files }: CensusCase, modules: readonly AdapterModule[], reading: AdapterReading | undefined): void {
  const sum = (counts: Readonly<Record<string, number>> = {}): number => Object.values(counts).reduce((a, b) => a + b, 0)
  const [format, because] = Object.entries(reading?.formats ?? {})[0] ?? []
  const expected = Object.keys(files).some((file) => file.endsWith('adapter_config.json'))
    ? 'PEFT'
    : /^(kohya|lycoris)/.test(name)
      ? 'kohya'
      : 'diffusers'
  expect(format).toContain(expected)
  expect(because).toMatch(/^"\S+" (begins with|is a low-rank part of) /)
  expect(sum(reading?.scales)).toBe(modules.length)
  expect(sum(reading?.types)).toBeGreaterThanOrEqual(modules.length)
}

/** By the case's name, where its scales or types are others than those of a plain file. */
const told: Readonly<Record<string, Partial<Pick<AdapterReading, 'scales' | 'types'>>>> = {
  'peft rsLoRA': { scales: { 'alpha / √rank, alpha of the config': 6 } },
  'peft LoRA bf16': { scales: { 'alpha / rank, alpha of the config': 6 }, types: { BF16: 12 } },
  'peft AdaLoRA fp16': { scales: { 'as its config says of the rank that it began with': 4 }, types: { F16: 12 } },
  'peft IA3 sd1': { scales: { 'none: its variant has no scale': 4 } },
  'diffusers without sd1': { scales: { '1: there is no alpha, which is then the rank': 6 } },
  'lycoris LoCon sd1': { scales: { 'alpha / rank, alpha beside the tensors': 8 } },
  'peft modules_to_save': { scales: { 'alpha / rank, alpha of the config': 1, 'none: its variant has no scale': 2 } },
  'bitsandbytes nf4 nested': { types: { 'bitsandbytes NF4, scales in 8 bits': 4 } },
  'fp8 e4m3 scale_weight': { types: { 'F8_E4M3 with a scale': 4 } },
}

test.each(Object.entries(told))('tells of %s how it was read', async (name, expected) => {
  const one = censusCases.find((each) => each.name === name) as CensusCase
  expect((await readAdapter(await writeCase(one), censusBase(one.family))).reading).toMatchObject(expected)
})

async function expectExact(one: CensusCase): Promise<void> {
  const { modules, skipped, reading } = await readAdapter(await writeCase(one), censusBase(one.family))
  expect(skipped).toEqual([])
  expectReading(one, modules, reading)
  const changes = one.changes ?? {}
  const shifts = one.shifts ?? {}
  const read = Map.groupBy(modules, ({ component, path }) => `${component}.${path}`)
  expect([...read.keys()].sort()).toEqual([...new Set([...Object.keys(changes), ...Object.keys(shifts)])].sort())
  for (const [key, own] of read) {
    const { weight, bias } = await changeOf(own, one.family, key)
    const change = changes[key]
    if (change === undefined) expect(weight.every((value) => value === 0)).toBe(true)
    else {
      const recorded = numbers(change).map((value) => value * (one.times ?? 1))
      const error = relativeL2(through(weight, bias.length), recorded)
      expect(error, key).toBeLessThan(1e-5)
      tally.worst = Math.max(tally.worst, error)
    }
    if (shifts[key]) expect(relativeL2(bias, numbers(shifts[key])), `bias of ${key}`).toBeLessThan(1e-5)
  }
}

/** Of kinds that have no variant yet. */
const notYet = variants.some(({ peft }) => peft?.type === 'OFT') ? [] : ['peft OFT', 'peft OFT by Neumann']
const codeOf = ({ name, refused }: CensusCase): string | undefined => (notYet.includes(name) ? 'adapter-unsupported' : refused)

test.each(censusCases.map((one) => [one.name, one] as const))('%s', async (_, one) => {
  const refused = codeOf(one)
  if (refused === undefined) {
    await expectExact(one)
    tally.exact++
    return
  }
  await expect(readAdapter(await writeCase(one), censusBase(one.family))).rejects.toMatchObject({ code: refused })
  tally.refused++
})

test('holds enough, and is small', () => {
  expect(censusCases.length).toBeGreaterThanOrEqual(60)
  expect(new Set(censusCases.map(({ family }) => family))).toEqual(new Set(['sd1', 'sd2', 'sdxl']))
})
