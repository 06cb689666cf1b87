// One module's tensors as a low-rank pair in the base model's shapes.
import type { LoraModule } from '../adapters/adapter.ts'
import { readTensor, type SafetensorsFile } from '../files/safetensors.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { splitModuleKey, type ModuleShapes } from './base-modules.ts'
import type { Group } from './group-keys.ts'
import { broken, mismatch, wholeNumbers } from './pair-errors.ts'

/** alpha of a pair without an alpha tensor; by default its rank. */
export type AlphaOf = (module: Pick<LoraModule, 'component' | 'path'>, rank: number) => number

/** A pair, or the reason why there is nothing to add. */
export type ReadModule = LoraModule | { readonly nothing: string }

/** Throws `adapter-broken`, `adapter-unsupported` or `adapter-family-mismatch`. */
export async function readModule(
  file: SafetensorsFile,
  modules: ModuleShapes,
  key: string,
  group: Group,
  alpha: AlphaOf | undefined,
): Promise<ReadModule> {
  const base = modules.shapes.get(key) ?? []
  if (group.down === undefined && group.up === undefined) return { nothing: 'It is the scale of a module whose pair is not in the file.' }
  if (group.down === undefined || group.up === undefined)
    throw broken(file, key, `only ${Object.values(group).map(quoted).join(' and ')} is there; a pair needs both a down and an up tensor.`)
  const [downShape, upShape] = [shapeOf(file, group.down), shapeOf(file, group.up)]
  const rank = downShape[0] ?? 0
  if (upShape[1] !== rank)
    throw broken(file, key, `the ranks differ: ${quoted(group.down)} is ${list(downShape)}, ${quoted(group.up)} is ${list(upShape)}.`, {
      downShape,
      upShape,
    })
  if (rank < 1) return { nothing: 'The rank of its module is 0, so that it changes nothing.' }
  const [O = 0, I = 0, ...kernel] = base
  const expected = { down: [rank, I, ...kernel], up: [O, rank, ...kernel.map(() => 1)] }
  if (!sameButOnes(downShape, expected.down) || !sameButOnes(upShape, expected.up))
    throw mismatch(
      file,
      modules,
      `module "${key}" takes a pair of ${list(expected.down)} and ${list(expected.up)}, got ${list(downShape)} and ${list(upShape)}`,
      { module: key, expected, got: { down: downShape, up: upShape } },
    )
  const down = await weights(file, key, group.down, expected.down)
  const up = await weights(file, key, group.up, expected.up)
  return { ...splitModuleKey(key), down, up, alpha: await alphaOf(file, key, group, rank, alpha) }
}

async function alphaOf(file: SafetensorsFile, key: string, group: Group, rank: number, otherwise: AlphaOf | undefined): Promise<number> {
  // A1111's extra: `scale` stands for alpha / R.
  const told = group.scale ?? group.alpha
  if (told === undefined) return otherwise?.(splitModuleKey(key), rank) ?? rank
  const shape = shapeOf(file, told)
  if (shape.some((n) => n !== 1)) throw broken(file, key, `${quoted(told)} is one number, got shape ${list(shape)}.`)
  // Whole numbers are usual here: sd-scripts keeps an alpha as it was given.
  const value = (await finite(file, key, told, [])).data[0] ?? NaN
  return group.scale === undefined ? value : value * rank
}

const floats = /^(F64|F32|F16|BF16|F8_\w+)$/

async function weights(file: SafetensorsFile, module: string, name: string, shape: readonly number[]): Promise<Tensor> {
  const dtype = file.entries.get(name)?.dtype ?? ''
  if (!floats.test(dtype)) throw wholeNumbers(file, module, name, dtype)
  return finite(file, module, name, shape)
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
