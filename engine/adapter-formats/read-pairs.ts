// From a file's tensors to low-rank pairs on the base model's modules. All formats read through here; they differ only in how alpha is told.
import type { Adapter, LoraModule } from '../adapters/adapter.ts'
import { readTensor, type SafetensorsFile } from '../files/safetensors.ts'
import { PigmentError } from '../spec/error.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { splitModuleKey, type ModuleShapes } from './base-modules.ts'
import { familyHint, familyTitles } from './family-hint.ts'
import { keyPart, type Part } from './key-parts.ts'
import { stemTable } from './stems.ts'

export interface ReadOptions {
  readonly name: string
  /** Only these networks are meant, e.g. by the folder's name. */
  readonly component?: string
  /** Removes a format's own prefix from a key. */
  readonly strip?: (key: string) => string
  /** alpha of a pair without an alpha tensor; by default its rank. */
  readonly alpha?: (module: Pick<LoraModule, 'component' | 'path'>, rank: number) => number
}

const textStem = /^(lora_te\d?_|text_encoders?[._]|text_model\.|cond_stage_model\.|conditioner\.)/

type Group = Partial<Record<Part, string>>
type Skipped = { key: string; reason: string }

/** Reads every pair that fits the base model. Throws `adapter-family-mismatch`, `adapter-broken` or `adapter-unsupported`. */
export async function readPairs(file: SafetensorsFile, modules: ModuleShapes, options: ReadOptions): Promise<Adapter> {
  const skipped: Skipped[] = []
  const groups = groupByStem(file, options.strip ?? ((key) => key), skipped)
  const unknown: string[] = []
  const pairs = new Map<string, Group>()
  for (const [stem, group] of groups) {
    const key = resolve(stem, group, file, modules, options.component)
    if (key === undefined) {
      unknown.push(stem)
      for (const name of Object.values(group)) skipped.push({ key: name, reason: unknownReason(stem, modules) })
    } else if (pairs.has(key)) {
      throw broken(file, stem, 'the same module stands in the file twice, under two names.', { module: key })
    } else pairs.set(key, group)
  }
  // A Flux adapter shares a text encoder with Stable Diffusion 1: the few modules that fit must not hide that the UNet's do not.
  const strangers = unknown.filter((stem) => !textStem.test(stem)).length
  const known = [...pairs.keys()].filter((key) => key.startsWith('unet.')).length
  if (pairs.size === 0 || strangers > known) throw nothingRemains(file, modules, unknown, skipped)
  const read: LoraModule[] = []
  for (const [key, group] of pairs) read.push(await readModule(file, modules, key, group, options))
  return { name: options.name, modules: read, metadata: Object.fromEntries(file.metadata), skipped }
}

function groupByStem(file: SafetensorsFile, strip: (key: string) => string, skipped: Skipped[]): Map<string, Group> {
  const groups = new Map<string, Group>()
  const ruined = new Map<string, string>()
  for (const key of file.entries.keys()) {
    const found = keyPart(strip(key))
    if (found === undefined) skipped.push({ key, reason: 'This is no part of a low-rank adapter.' })
    else if ('reason' in found) {
      skipped.push({ key, reason: found.reason })
      if (found.whole) ruined.set(found.stem, found.reason)
    } else {
      const group = groups.get(found.stem) ?? {}
      if (group[found.part] !== undefined)
        throw broken(file, found.stem, `two tensors are its "${found.part}": "${group[found.part]}" and "${key}".`)
      group[found.part] = key
      groups.set(found.stem, group)
    }
  }
  for (const [stem, reason] of ruined) {
    for (const key of Object.values(groups.get(stem) ?? {})) skipped.push({ key, reason })
    groups.delete(stem)
  }
  return groups
}

/** The module that a spelling means. Two text encoders may share one spelling: then the widths decide. */
function resolve(
  stem: string,
  group: Group,
  file: SafetensorsFile,
  modules: ModuleShapes,
  component: string | undefined,
): string | undefined {
  const all = stemTable(modules).get(stem) ?? []
  const keys = component === undefined ? all : all.filter((key) => key.startsWith(`${component}.`))
  if (keys.length < 2) return keys[0]
  const inputs = file.entries.get(group.down ?? '')?.shape[1]
  return keys.find((key) => modules.shapes.get(key)?.[1] === inputs) ?? keys[0]
}

async function readModule(
  file: SafetensorsFile,
  modules: ModuleShapes,
  key: string,
  group: Group,
  options: ReadOptions,
): Promise<LoraModule> {
  const base = modules.shapes.get(key) ?? []
  if (group.down === undefined || group.up === undefined)
    throw broken(file, key, `only ${Object.values(group).map(quoted).join(' and ')} is there; a pair needs both a down and an up tensor.`)
  const [downShape, upShape] = [shapeOf(file, group.down), shapeOf(file, group.up)]
  const rank = downShape[0] ?? 0
  if (rank < 1) throw broken(file, key, `${quoted(group.down)} has rank 0.`)
  if (upShape[1] !== rank)
    throw broken(file, key, `the ranks differ: ${quoted(group.down)} is ${list(downShape)}, ${quoted(group.up)} is ${list(upShape)}.`, {
      downShape,
      upShape,
    })
  const [O = 0, I = 0, ...kernel] = base
  const expected = { down: [rank, I, ...kernel], up: [O, rank, ...kernel.map(() => 1)] }
  if (!sameButOnes(downShape, expected.down) || !sameButOnes(upShape, expected.up))
    throw mismatch(
      file,
      modules,
      `module "${key}" takes a pair of ${list(expected.down)} and ${list(expected.up)}, got ${list(downShape)} and ${list(upShape)}`,
      {
        module: key,
        expected,
        got: { down: downShape, up: upShape },
      },
    )
  const down = await finite(file, key, group.down, expected.down)
  const up = await finite(file, key, group.up, expected.up)
  return { ...splitModuleKey(key), down, up, alpha: await alphaOf(file, key, group, rank, options) }
}

async function alphaOf(file: SafetensorsFile, key: string, group: Group, rank: number, options: ReadOptions): Promise<number> {
  // A1111's extra: `scale` stands for alpha / R.
  const told = group.scale ?? group.alpha
  if (told === undefined) return options.alpha?.(splitModuleKey(key), rank) ?? rank
  const shape = shapeOf(file, told)
  if (shape.some((n) => n !== 1)) throw broken(file, key, `${quoted(told)} is one number, got shape ${list(shape)}.`)
  const value = (await finite(file, key, told, [])).data[0] ?? NaN
  return group.scale === undefined ? value : value * rank
}

async function finite(file: SafetensorsFile, module: string, name: string, shape: readonly number[]): Promise<Tensor> {
  const { data } = await readTensor(file, name)
  const bad = data.findIndex((value) => !Number.isFinite(value))
  if (bad >= 0)
    throw broken(file, module, `${quoted(name)} holds ${data[bad]} at position ${bad}: the training it comes from diverged.`, {
      position: bad,
    })
  return { shape, data }
}

/** A linear layer and a 1×1 convolution are the same matrix: files write (R, I) or (R, I, 1, 1) for either. */
function sameButOnes(got: readonly number[], expected: readonly number[]): boolean {
  const longest = Math.max(got.length, expected.length, 2)
  return got.length >= 2 && Array.from({ length: longest }, (_, i) => (got[i] ?? 1) === (expected[i] ?? 1)).every(Boolean)
}

const shapeOf = (file: SafetensorsFile, name: string): readonly number[] => file.entries.get(name)?.shape ?? []
const list = (shape: readonly number[]): string => `[${shape.join(', ')}]`
const quoted = (name: string): string => `"${name}"`

function unknownReason(stem: string, { family, shapes }: ModuleShapes): string {
  const second = /^(lora_te2_|text_encoder_2\.|text_encoders\.clip_g)/.test(stem)
  if (second && ![...shapes.keys()].some((key) => key.startsWith('text_encoder_2.')))
    return `The base model (${familyTitles[family]}) has no second text encoder.`
  return `The base model (${familyTitles[family]}) has no module of this name.`
}

function broken(file: SafetensorsFile, module: string, why: string, facts: Record<string, unknown> = {}): PigmentError {
  return new PigmentError(
    'adapter-broken',
    `"${file.path}", module "${module}": ${why} Get another copy of this adapter, or train it again.`,
    {
      path: file.path,
      module,
      ...facts,
    },
  )
}

function mismatch(file: SafetensorsFile, { family }: ModuleShapes, what: string, facts: Record<string, unknown>): PigmentError {
  const hint = familyHint(file)
  const madeFor = hint && hint !== familyTitles[family] ? ` The file seems to be made for ${hint}.` : ''
  const advice = hint && hint !== familyTitles[family] ? `Load a ${hint} model to use it.` : 'Load the base model that it was trained on.'
  return new PigmentError(
    'adapter-family-mismatch',
    `"${file.path}" does not fit this ${familyTitles[family]} model: ${what}.${madeFor} ${advice}`,
    { path: file.path, base: family, madeFor: hint ?? null, ...facts },
  )
}

function nothingRemains(
  file: SafetensorsFile,
  modules: ModuleShapes,
  unknown: readonly string[],
  skipped: readonly Skipped[],
): PigmentError {
  const example = unknown[0]
  if (example !== undefined)
    return mismatch(file, modules, `it does not have ${unknown.length} of the file's modules (the first is "${example}")`, {
      unknown: unknown.length,
      example,
    })
  const reasons = [...new Set(skipped.map(({ reason }) => reason))]
  return new PigmentError(
    'adapter-unsupported',
    `"${file.path}" holds nothing that can be used. ${reasons.slice(0, 3).join(' ')} Use an adapter of plain low-rank (LoRA) pairs.`,
    { path: file.path, reasons },
  )
}
