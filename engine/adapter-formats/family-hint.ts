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

/** The keys and values of cross-attention are as wide as the text that conditions the UNet; undefined where the adapter changes none of them. */
export function crossAttentionWidth(file: SafetensorsFile): number | undefined {
  for (const { name, shape } of file.entries.values()) {
    if (!/attn2[._](processor[._])?to_[kv][._]/.test(name)) continue
    const key = keyPart(name)
    if (key && 'part' in key && inwardRoles.has(key.part)) return shape[1]
  }
  return undefined
}

/** Title of the family, or undefined. */
export const familyHint = (file: SafetensorsFile): string | undefined => familySign(file)?.title

/** The family, and what told. */
export function familySign(file: SafetensorsFile): { readonly title: string; readonly because: string } | undefined {
  const width = crossAttentionWidth(file)
  const family = width === undefined ? undefined : families.find(({ published }) => published.unet.crossAttentionDim === width)
  if (family) return { title: family.title, because: `its cross-attention takes text of width ${width}` }
  const names = [...file.entries.keys()]
  const own = families.flatMap(({ adapterSign, title }): [RegExp, string][] => (adapterSign ? [[adapterSign, title]] : []))
  for (const [sign, title] of [...others, ...own]) {
    const name = names.find((one) => sign.test(one))
    if (name !== undefined) return { title, because: `"${name.slice(0, 120)}" is a layer that only it has` }
  }
  return undefined
}
