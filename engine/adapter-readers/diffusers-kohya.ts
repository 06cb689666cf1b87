// A file in kohya's names as diffusers converts it while loading: pairs alone, and one key that is left over refuses the file. Source: diffusers
// loaders/lora_conversion_utils.py, _convert_non_diffusers_lora_to_diffusers and _maybe_map_sgm_blocks_to_diffusers.
import { because } from '../requests/reason.ts'
import { readByNames, splitByEnding } from './by-names.ts'
import { comfyNames } from './comfyui-names.ts'
import type { Algorithm } from './parts.ts'
import type { ReaderBase, Reading, WrittenFile } from './reader.ts'

const networks = ['lora_unet_', 'lora_te_', 'lora_te1_', 'lora_te2_']
const knows: ReadonlySet<Algorithm> = new Set(['lora', 'dora'])

export const isKohya = ({ tensors }: Pick<WrittenFile, 'tensors'>): boolean =>
  tensors.size > 0 && [...tensors.keys()].every((key) => networks.some((network) => key.startsWith(network)))

export function readKohya({ tensors }: WrittenFile, base: ReaderBase): Reading {
  // Both spellings of the UNet's layers and those of text encoders: as ComfyUI has them.
  const found = readByNames(tensors, base, { names: comfyNames(base, false), split: splitByEnding, knows })
  const keys = [...tensors.keys()]
  const left = found.dropped.find(({ reason }) => reason.code === 'reader-no-part')?.key
  const plain = keys.find((key) => key.endsWith('.lora_mid.weight')) ?? left ?? partly(keys)
  const refused = plain === undefined ? undefined : because('reader-diffusers-left', 'It converts pairs alone, and refuses a file with another tensor: {key}.', { key: plain }) // prettier-ignore
  return { ...found, refused, notes: [] }
}

/** Where one layer of a network has a magnitude, all of them must have one: a pair without. */
function partly(keys: readonly string[]): string | undefined {
  const known = new Set(keys)
  return networks
    .filter((network) => keys.some((key) => key.startsWith(network) && key.endsWith('.dora_scale')))
    .flatMap((network) => keys.filter((key) => key.startsWith(network) && key.endsWith('.lora_down.weight')))
    .find((key) => !known.has(key.replace(/lora_down\.weight$/, 'dora_scale')))
}
