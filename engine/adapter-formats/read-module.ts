// One module's tensors as its variant keeps them, in the base model's shapes.
import type { AdapterModule } from '../adapters/adapter.ts'
import { variants } from '../adapters/variants/index.ts'
import { rolesOf, variantCalled, type AdapterVariant, type Fit, type StoredParts } from '../adapters/variants/variant.ts'
import { readTensor, type SafetensorsFile } from '../files/safetensors.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { splitModuleKey, weightShape, type ModuleShapes } from './base-modules.ts'
import { namesIn, type Group } from './group-keys.ts'
import type { SourceOf } from './module-source.ts'
import { broken, mismatch, unknowable, wholeNumbers } from './pair-errors.ts'

/** alpha of a module without an alpha tensor; by default its rank. */
export type AlphaOf = (module: Pick<AdapterModule, 'component' | 'path'>, rank: number) => number

/** A module, or the reason why there is nothing to add. */
export type ReadModule = AdapterModule | { readonly nothing: string }

/** The roles of a group's tensors, without what only tells a scale. */
export const partsOf = (group: Group): string[] => Object.keys(group).filter((part) => part !== 'alpha' && part !== 'scale')

/** Throws `adapter-broken`, `adapter-unsupported` or `adapter-family-mismatch`. */
export async function readModule(
  file: SafetensorsFile,
  modules: ModuleShapes,
  key: string,
  group: Group,
  { alpha, sourceOf }: { readonly alpha?: AlphaOf | undefined; readonly sourceOf: SourceOf },
): Promise<ReadModule> {
  if (partsOf(group).length === 0) return { nothing: 'It is the scale of a module whose pair is not in the file.' }
  const variant = variantOfGroup(file, key, group)
  const roles = rolesOf(variant).filter((role) => group[role] !== undefined)
  const parts: StoredParts = Object.fromEntries(
    roles.map((role) => [role, { name: group[role] ?? '', shape: shapeOf(file, group[role] ?? '') }]),
  )
  const fit = variant.fit(weightShape(modules, key), parts)
  const fits = (one: Fit): boolean =>
    'shapes' in one &&
    roles.every((role) => one.accepted?.includes(role) === true || sameButOnes(parts[role]?.shape ?? [], one.shapes[role] ?? []))
  const elsewhere = otherInputs(modules, key)
  if (elsewhere && !fits(fit) && fits(variant.fit(elsewhere, parts)))
    return { nothing: forOtherInputs(weightShape(modules, key), elsewhere) }
  if ('broken' in fit) throw broken(file, key, fit.broken, fit.facts)
  if ('nothing' in fit) return fit
  if ('unfit' in fit) throw mismatch(file, modules, `module "${key}" ${fit.unfit}`, { module: key })
  const expected = fit.shapes
  if (!fits(fit)) {
    const got = Object.fromEntries(roles.map((role) => [role, parts[role]?.shape ?? []]))
    const shown = (shapes: Readonly<Record<string, readonly number[]>>): string => both(roles.map((role) => list(shapes[role] ?? [])))
    throw mismatch(file, modules, `module "${key}" takes ${variant.takes} ${shown(expected)}, got ${shown(got)}`, {
      module: key,
      expected,
      got,
    })
  }
  const tensors: Record<string, Tensor> = {}
  for (const role of roles)
    tensors[fit.kept?.[role] ?? role] = await weights(file, key, group[role] ?? '', expected[role] ?? [], variant.settings?.includes(role))
  const module = { ...splitModuleKey(key), variant: variant.name, tensors, alpha: 1 }
  const unsound = variant.unsound?.(module, weightShape(modules, key))
  if (unsound !== undefined) throw broken(file, key, unsound)
  const scaled = variant.scaled ? { ...module, alpha: await alphaOf(file, group, module, alpha) } : module
  const source = sourceOf(scaled, variant)
  const made =
    variants.reduce<AdapterModule | undefined>((found, one) => found ?? one.madeOf?.(scaled, source.config ?? {}), undefined) ?? scaled
  const completed = (await variant.completed?.(made, weightShape(modules, key), source)) ?? made
  if ('no' in completed) throw unknowable(file, key, completed.no)
  return completed
}

/** The first convolution of an ordinary model takes C channels of latents, that of a model for inpainting 2·C + 1: its shape in the other one. */
function otherInputs(modules: ModuleShapes, key: string): readonly number[] | undefined {
  if (key !== 'unet.conv_in') return undefined
  const [O = 0, I = 0, ...window] = weightShape(modules, key)
  const [C = 0] = weightShape(modules, 'unet.conv_out')
  return [O, I > C ? C : 2 * C + 1, ...window]
}

const forOtherInputs = ([, here]: readonly number[], [, there]: readonly number[]): string =>
  `It acts on the first convolution, which takes ${here} channels here and ${there} in its own model: one of the two is for inpainting.`

/** The variant whose roles are just these; where parts are missing, the one that lacks the fewest says so. */
function variantOfGroup(file: SafetensorsFile, key: string, group: Group): AdapterVariant {
  const parts = partsOf(group)
  const lacking = ({ forms, ...variant }: AdapterVariant): number =>
    (forms ?? [rolesOf(variant)])
      .filter((roles) => parts.every((part) => roles.includes(part)))
      .reduce((least, roles) => Math.min(least, roles.length - parts.length), Infinity)
  const [nearest] = variants.filter((one) => lacking(one) < Infinity).toSorted((a, b) => lacking(a) - lacking(b))
  if (!nearest) throw broken(file, key, `${both(namesIn(group).map(quoted))} are parts of different kinds of adapters.`)
  if (lacking(nearest) > 0) throw broken(file, key, `only ${namesIn(group).map(quoted).join(' and ')} is there; ${nearest.needs}`)
  return nearest
}

async function alphaOf(file: SafetensorsFile, group: Group, module: AdapterModule, otherwise: AlphaOf | undefined): Promise<number> {
  const variant = variantCalled(module.variant)
  const rank = variant.rank(module) ?? 1
  const key = `${module.component}.${module.path}`
  // A1111's extra: `scale` stands for alpha / R.
  const told = group.scale ?? group.alpha
  if (told === undefined) return variant.alphaUntold ?? otherwise?.(module, rank) ?? rank
  const shape = shapeOf(file, told)
  if (shape.some((n) => n !== 1)) throw broken(file, key, `${quoted(told)} is one number, got shape ${list(shape)}.`)
  // Whole numbers are usual here: sd-scripts keeps an alpha as it was given.
  const value = (await finite(file, key, told, [])).data[0] ?? NaN
  return group.scale === undefined ? (variant.alphaOf?.(module, value) ?? value) : value * rank
}

const floats = /^(F64|F32|F16|BF16|F8_\w+)$/

async function weights(file: SafetensorsFile, module: string, name: string, shape: readonly number[], whole = false): Promise<Tensor> {
  const dtype = file.entries.get(name)?.dtype ?? ''
  if (!whole && !floats.test(dtype)) throw wholeNumbers(file, module, name, dtype)
  return finite(file, module, name, shape)
}

export async function finite(file: SafetensorsFile, module: string, name: string, shape: readonly number[]): Promise<Tensor> {
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
  return (
    (got.length >= 2 || got.length === expected.length) &&
    Array.from({ length: longest }, (_, i) => (got[i] ?? 1) === (expected[i] ?? 1)).every(Boolean)
  )
}

const shapeOf = (file: SafetensorsFile, name: string): readonly number[] => file.entries.get(name)?.shape ?? []
const list = (shape: readonly number[]): string => `[${shape.join(', ')}]`
/** a, b and c. */
const both = (words: readonly string[]): string => [words.slice(0, -1).join(', '), ...words.slice(-1)].filter(Boolean).join(' and ')
const quoted = (name: string): string => `"${name}"`
