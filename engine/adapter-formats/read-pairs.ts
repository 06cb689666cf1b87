// From a file's tensors to modules of their variants on the base model's. All formats read through here; they differ only in how alpha is told.
import type { Adapter, AdapterModule, SkippedKey } from '../adapters/adapter.ts'
import { variants } from '../adapters/variants/index.ts'
import { rolesOf, variantCalled } from '../adapters/variants/variant.ts'
import { readBundled } from '../embeddings/read.ts'
import { readBytes, type SafetensorsFile } from '../files/safetensors.ts'
import type { ModuleShapes } from './base-modules.ts'
import { familyCalled } from '../models/family-called.ts'
import type { Reading } from './format.ts'
import { inwardRoles } from './family-hint.ts'
import { apart, groupKeys, namesIn, unshared, unwrapped, type Group } from './group-keys.ts'
import { ownRoles } from './own-parts.ts'
import { broken, nothingRemains, wholeWeights } from './pair-errors.ts'
import { sourcesOf } from './module-source.ts'
import { partsOf, readModule } from './read-module.ts'
import { modulesOfStem } from './stems.ts'

/** Roles of what acts on norms and embeddings too. */
const closedRoles = new Set(variants.flatMap((variant) => (variant.onClosed ? rolesOf(variant) : [])))

const textStem = /^(lora_te\d?_|text_encoders?[._]|text_model\.|cond_stage_model\.|conditioner\.)/

/** Reads every module that fits the base model. Throws `adapter-family-mismatch`, `adapter-broken` or `adapter-unsupported`. */
export async function readPairs(file: SafetensorsFile, modules: ModuleShapes, options: Reading): Promise<Adapter> {
  const grouped = groupKeys(file)
  const skipped: SkippedKey[] = [...grouped.skipped]
  const unknown: string[] = []
  const lost: string[] = []
  const pairs = new Map<string, Group>()
  for (const [stem, group] of grouped.groups) {
    const key = resolve(stem, group, file, modules, options.component)
    if (key !== undefined) pairs.set(key, await joined(file, key, pairs.get(key) ?? {}, group))
    else {
      lost.push(
        ...Object.entries(group).flatMap(([part, name]) =>
          ownRoles.has(part) && name !== undefined && unwrapped(name) !== name ? [name] : [],
        ),
      )
      const closed = modulesOfStem(modules, stem).length > 0 && partsOf(group).length > 0 && options.component === undefined
      // A scale alone changes nothing and says nothing of the base model.
      if (partsOf(group).length > 0 && !closed) unknown.push(stem)
      for (const key of namesIn(group))
        skipped.push(closed ? { key, reason: closedReason } : { key, reason: unknownReason(stem, modules), unmatched: true })
    }
  }
  // A Flux adapter shares a text encoder with Stable Diffusion 1: the few modules that fit must not hide that the UNet's do not.
  const strangers = unknown.filter((stem) => !textStem.test(stem)).length
  const known = [...pairs.keys()].filter((key) => key.startsWith('unet.')).length
  // A file may hold nothing but embeddings under an adapter's names.
  const without = grouped.groups.size === 0 && grouped.bundled.length > 0
  if (!without && (pairs.size === 0 || strangers > known)) throw nothingRemains(file, modules, unknown, skipped)
  if (lost[0] !== undefined) throw wholeWeights(file, lost[0])
  const read: AdapterModule[] = []
  const scales: Record<string, number> = {}
  const sourceOf = sourcesOf(file, modules, pairs, options)
  for (const [key, group] of [...pairs].flatMap(([key, whole]) => apart(whole).map((group) => [key, group] as const))) {
    const module = await readModule(file, modules, key, group, { alpha: options.alpha, sourceOf })
    if ('variant' in module) {
      read.push(module)
      const rule = ruleOf(module, group, options)
      scales[rule] = (scales[rule] ?? 0) + 1
    } else for (const name of namesIn(group)) skipped.push({ key: name, reason: module.nothing })
  }
  skipped.push(...unshared(file, read))
  const { embeddings, leftOut } = await readBundled(file, grouped.bundled)
  if (read.length === 0 && !(without && embeddings.length > 0)) throw nothingRemains(file, modules, unknown, skipped)
  return {
    name: options.name,
    modules: read,
    ...(embeddings.length > 0 ? { embeddings } : {}),
    metadata: Object.fromEntries(file.metadata),
    skipped: [...skipped, ...leftOut],
    reading: { formats: {}, scales, types: {} },
  }
}

/** How the scale of a module was told, for a person. */
function ruleOf({ variant, component }: AdapterModule, group: Group, { rule }: Reading): string {
  if (!variantCalled(variant).scaled) return 'none: its variant has no scale'
  if (group.scale !== undefined) return 'scale beside the tensors'
  if (group.alpha !== undefined) return 'alpha / rank, alpha beside the tensors'
  return rule?.(component) ?? '1: there is no alpha, which is then the rank'
}

/** The module that a spelling means. Two text encoders may share one spelling: then the widths decide. */
function resolve(
  stem: string,
  group: Group,
  file: SafetensorsFile,
  modules: ModuleShapes,
  component: string | undefined,
): string | undefined {
  const onClosed = partsOf(group).every((part) => closedRoles.has(part))
  const all = modulesOfStem(modules, stem).filter((key) => onClosed || modules.shapes.has(key))
  const keys = component === undefined ? all : all.filter((key) => key.startsWith(`${component}.`))
  if (keys.length < 2) return keys[0]
  const inward = partsOf(group).find((role) => inwardRoles.has(role))
  const inputs = inward === undefined ? undefined : file.entries.get(group[inward] ?? '')?.shape[1]
  return keys.find((key) => modules.shapes.get(key)?.[1] === inputs) ?? keys[0]
}

/**
 * The parts of one module that stand under two spellings, as in files that were converted by half, or that PEFT is to load under every
 * version of transformers. Throws `adapter-broken` where both say the same part, and say it differently.
 */
async function joined(file: SafetensorsFile, key: string, one: Group, other: Group): Promise<Group> {
  let parts = one
  for (const [part, name = ''] of Object.entries(other)) {
    const before = parts[part]
    if (before === undefined) parts = { ...parts, [part]: name }
    else if (!(await sameTensor(file, before, name)))
      throw broken(file, key, `the module stands in the file twice, under two names and with other numbers ("${before}" and "${name}").`)
  }
  return parts
}

async function sameTensor(file: SafetensorsFile, a: string, b: string): Promise<boolean> {
  const [one, other] = [file.entries.get(a), file.entries.get(b)]
  if (one?.dtype !== other?.dtype || one?.shape.join() !== other?.shape.join()) return false
  return Buffer.compare(await readBytes(file, a), await readBytes(file, b)) === 0
}

const closedReason = 'It stands on a norm or an embedding, of which only whole differences are supported.'

function unknownReason(stem: string, { family, shapes }: ModuleShapes): string {
  const { title } = familyCalled(family)
  const second = /^(lora_te2_|text_encoder_2\.|text_encoders\.clip_g)/.test(stem)
  if (second && ![...shapes.keys()].some((key) => key.startsWith('text_encoder_2.')))
    return `The base model (${title}) has no second text encoder.`
  return `The base model (${title}) has no module of this name.`
}
