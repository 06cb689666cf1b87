// Which model family a stranger's adapter was made for, read off the widths that only that family has.
import type { SafetensorsFile } from '../files/safetensors.ts'
import { keyPart } from './key-parts.ts'

const byContextWidth: ReadonlyMap<number, string> = new Map([
  [768, 'Stable Diffusion 1'],
  [1024, 'Stable Diffusion 2'],
  [2048, 'Stable Diffusion XL'],
])

const byName: readonly (readonly [RegExp, string])[] = [
  [/(double|single)_blocks_|single_transformer_blocks/, 'Flux'],
  [/joint_(transformer_)?blocks/, 'Stable Diffusion 3'],
  [/lora_te2_|text_encoder_2\./, 'Stable Diffusion XL'],
]

/** Title of the family, or undefined. The keys and values of cross-attention are as wide as the text that conditions the UNet. */
export function familyHint(file: SafetensorsFile): string | undefined {
  for (const { name, shape } of file.entries.values()) {
    const key = keyPart(name)
    if (key && 'part' in key && key.part === 'down' && /attn2[._](processor[._])?to_[kv]$/.test(key.stem)) {
      const family = byContextWidth.get(shape[1] ?? 0)
      if (family) return family
    }
  }
  const names = [...file.entries.keys()]
  return byName.find(([pattern]) => names.some((name) => pattern.test(name)))?.[1]
}

export const familyTitles = { sd1: 'Stable Diffusion 1', sd2: 'Stable Diffusion 2', sdxl: 'Stable Diffusion XL' } as const
