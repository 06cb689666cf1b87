// Reading by a list of every name that a program gives its layers: keys are a name and a part, and nothing else is known.
import { because } from '../requests/reason.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { changesOf, type Algorithm } from './parts.ts'
import type { DroppedKey, ReadChange, ReaderBase, Reading } from './reader.ts'

/** Layers by what a program calls them. */
export type Names = ReadonlyMap<string, string>

/** Where a key's layer ends: its name and its part as kohya spells it, or undefined. */
export type SplitKey = (key: string) => { readonly name: string; readonly part: string } | undefined

const endings: readonly (readonly [ending: string, part: string])[] = [
  ['.lora_up.weight', 'lora_up.weight'],
  ['.lora_down.weight', 'lora_down.weight'],
  ['.lora_mid.weight', 'lora_mid.weight'],
  ['_lora.up.weight', 'lora_up.weight'],
  ['_lora.down.weight', 'lora_down.weight'],
  ['.lora_B.weight', 'lora_up.weight'],
  ['.lora_A.weight', 'lora_down.weight'],
  ['.lora.up.weight', 'lora_up.weight'],
  ['.lora.down.weight', 'lora_down.weight'],
  ['.lora_linear_layer.up.weight', 'lora_up.weight'],
  ['.lora_linear_layer.down.weight', 'lora_down.weight'],
  ...['a1', 'a2', 'b1', 'b2', 'bm'].map((name) => [`.${name}.weight`, `${name}.weight`] as const),
]

/** By the spellings that ComfyUI tries, and Forge after it. */
export const splitByEnding: SplitKey = (key) => {
  for (const [ending, part] of endings) if (key.endsWith(ending)) return { name: key.slice(0, -ending.length), part }
  const dot = key.lastIndexOf('.')
  return dot < 0 ? undefined : { name: key.slice(0, dot), part: key.slice(dot + 1) }
}

export interface ByNames {
  readonly names: Names
  readonly split: SplitKey
  readonly knows: ReadonlySet<Algorithm>
}

/** Every layer that has a name in the list, and every key that nobody takes. */
export function readByNames(
  tensors: ReadonlyMap<string, Tensor>,
  { shapes }: ReaderBase,
  { names, split, knows }: ByNames,
): Omit<Reading, 'notes'> {
  const groups = new Map<string, Map<string, { readonly key: string; readonly tensor: Tensor }>>()
  const dropped: DroppedKey[] = []
  for (const [key, tensor] of tensors) {
    const found = split(key)
    const layer = found && names.get(found.name)
    if (!layer) {
      dropped.push({ key, reason: because('reader-no-layer', 'The program has no layer of this name.', {}) })
      continue
    }
    const group = groups.get(layer) ?? new Map<string, { readonly key: string; readonly tensor: Tensor }>()
    groups.set(layer, group.set(found.part, { key, tensor }))
  }
  const layers = new Map<string, readonly ReadChange[]>()
  for (const [layer, group] of groups) {
    const parts = new Map([...group].map(([part, { tensor }]) => [part, tensor]))
    const { changes, left } = changesOf(parts, shapes.get(layer) ?? [], knows)
    if (changes.length > 0) layers.set(layer, changes)
    for (const part of left)
      dropped.push({
        key: group.get(part)?.key ?? part,
        reason: because('reader-no-part', 'The program knows no such tensor: {part}.', { part }),
      })
  }
  return { layers, dropped }
}
