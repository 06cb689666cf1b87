// From a file's keys to groups of tensors that stand under one spelling of a module, and the keys that no module can use.
import type { AdapterModule, SkippedKey } from '../adapters/adapter.ts'
import { variants } from '../adapters/variants/index.ts'
import { rolesOf } from '../adapters/variants/variant.ts'
import { bundledPart } from '../embeddings/layouts.ts'
import type { SafetensorsFile } from '../files/safetensors.ts'
import { adapterFormats } from './index.ts'
import { keyPart, partBeside } from './key-parts.ts'
import { ownPart, ownRoles } from './own-parts.ts'
import { broken, wholeWeights } from './pair-errors.ts'

/** Tensor names by part. */
export type Group = Readonly<Partial<Record<string, string>>>

export const namesIn = (group: Group): string[] => Object.values(group).filter((name) => name !== undefined)

/** What stands beside others on one layer is a module of its own. */
export function apart(group: Group): Group[] {
  const own = variants.flatMap((variant) => (variant.apart ? [rolesOf(variant)] : []))
  const split = own.map((roles) => Object.fromEntries(Object.entries(group).filter(([part]) => roles.includes(part))))
  const rest = Object.fromEntries(Object.entries(group).filter(([part]) => !own.some((roles) => roles.includes(part))))
  const taken = split.filter((one) => namesIn(one).length > 0)
  // An alpha beside them alone scales nothing.
  return taken.length > 0 && Object.keys(rest).every((part) => part === 'alpha' || part === 'scale') ? taken : [rest, ...taken]
}

export interface Grouped {
  /** By the module's spelling in the file. */
  readonly groups: ReadonlyMap<string, Group>
  readonly skipped: readonly SkippedKey[]
  /** Names of tensors of textual inversions. */
  readonly bundled: readonly string[]
}

/** Variants by the keys that a file holds once for all their modules. */
const sharedKeys = new Map(variants.flatMap((variant) => (variant.shared ?? []).map((key) => [key, variant] as const)))

/** Those of variants that no module of the file is of. */
export function unshared({ entries }: SafetensorsFile, modules: readonly AdapterModule[]): SkippedKey[] {
  return [...sharedKeys].flatMap(([key, { name, title }]) =>
    entries.has(key) && !modules.some(({ variant }) => variant === name)
      ? { key, reason: `It belongs to ${title} modules, of which none is used.`, unmatched: true }
      : [],
  )
}

const wrappers = adapterFormats.flatMap(({ wrapper }) => wrapper ?? [])

/** A key without what a format wraps modules in: that stands before the path, or between it and the network that somebody put before that. */
export function unwrapped(key: string): string {
  const [, network = '', path = ''] = /^((?:unet|text_encoder(?:_2)?)\.)?(.*)$/s.exec(key) ?? []
  const wrapper = wrappers.find((one) => path.startsWith(one))
  if (wrapper !== undefined) return network + path.slice(wrapper.length)
  return key
}

/** Throws `adapter-broken` for two tensors of one part, `adapter-unsupported` where whole weights stand beside the pairs. */
export function groupKeys(file: SafetensorsFile): Grouped {
  const skipped: SkippedKey[] = []
  const groups = new Map<string, Group>()
  const ruined = new Map<string, string>()
  const nothing: string[] = []
  const bundled: string[] = []
  const add = ({ stem, part }: { readonly stem: string; readonly part: string }, key: string): void => {
    const group = groups.get(stem) ?? {}
    if (group[part] !== undefined) throw broken(file, stem, `two tensors are its "${part}": "${group[part]}" and "${key}".`)
    groups.set(stem, { ...group, [part]: key })
  }
  for (const key of file.entries.keys()) {
    if (bundledPart(key)) {
      bundled.push(key)
      continue
    }
    if (sharedKeys.has(key)) continue
    const found = keyPart(unwrapped(key))
    if (found === undefined) nothing.push(key)
    else if ('reason' in found) {
      skipped.push({ key, reason: found.reason })
      if (found.whole) ruined.set(found.stem, found.reason)
    } else {
      add(found, key)
    }
  }
  for (const key of nothing) {
    const name = unwrapped(key)
    const beside = partBeside(name, (stem, part) => groups.get(stem)?.[part] !== undefined)
    const own = name === key ? undefined : ownPart(name)
    // A whole weight on which pairs stand may be the one from before them: nothing says.
    const under = name.endsWith('.weight') && Object.keys(groups.get(own?.stem ?? '') ?? {}).some((part) => !ownRoles.has(part))
    if (beside) add(beside, key)
    else if (own && !under && !ruined.has(own.stem)) add(own, key)
    else skipped.push(noPart(file, key, ruined))
  }
  for (const [stem, reason] of ruined) {
    for (const key of namesIn(groups.get(stem) ?? {})) skipped.push({ key, reason })
    groups.delete(stem)
  }
  return { groups, skipped, bundled }
}

function noPart(file: SafetensorsFile, key: string, ruined: ReadonlyMap<string, string>): SkippedKey {
  const name = unwrapped(key)
  const reason = ruined.get(name.replace(/\.[^.]*$/, ''))
  if (reason !== undefined) return { key, reason }
  if (/\.original_module\./.test(name)) return { key, reason: 'It is what the model had before, which PEFT kept beside what it trained.' }
  // Weights of the model beside the pairs that are meant for them: nothing says which of both was trained.
  if (name !== key && /\.(weight|bias)$/.test(name)) throw wholeWeights(file, name)
  return { key, reason: 'This is no part of a low-rank adapter.', unmatched: true }
}
