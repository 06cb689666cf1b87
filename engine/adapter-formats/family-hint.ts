// Which model family a stranger's adapter was made for, read off the widths that only that family has.
import { variants } from '../adapters/variants/index.ts'
import type { SafetensorsFile } from '../files/safetensors.ts'
import { families } from '../models/families/index.ts'
import { keyPart } from './key-parts.ts'

/** Families that are not here. */
const others: readonly (readonly [sign: RegExp, title: string])[] = [
  [/(double|single)_blocks_|single_transformer_blocks/, 'Flux'],
  [/joint_(transformer_)?blocks/, 'Stable Diffusion 3'],
]

/** Roles that are as wide as their layer's input. */
export const inwardRoles: ReadonlySet<string> = new Set(variants.flatMap(({ inward }) => inward ?? []))

/** Title of the family, or undefined. The keys and values of cross-attention are as wide as the text that conditions the UNet. */
export function familyHint(file: SafetensorsFile): string | undefined {
  for (const { name, shape } of file.entries.values()) {
    const key = keyPart(name)
    if (key && 'part' in key && inwardRoles.has(key.part) && /attn2[._](processor[._])?to_[kv]$/.test(key.stem)) {
      const family = families.find(({ published }) => published.unet.crossAttentionDim === shape[1])
      if (family) return family.title
    }
  }
  const names = [...file.entries.keys()]
  const own = families.flatMap(({ adapterSign, title }): [RegExp, string][] => (adapterSign ? [[adapterSign, title]] : []))
  return [...others, ...own].find(([sign]) => names.some((name) => sign.test(name)))?.[1]
}
