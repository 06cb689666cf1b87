// Forge: ComfyUI's names of last year, and a file of which more than twelve keys match nothing is not loaded at all. Source:
// extensions-builtin/sd_forge_lora/networks.py, packages_3rdparty/comfyui_lora_collection/lora.py.
import { because } from '../requests/reason.ts'
import { readByNames, splitByEnding } from './by-names.ts'
import { comfyNames } from './comfyui-names.ts'
import { callable } from './prompt-names.ts'
import type { Algorithm } from './parts.ts'
import type { AdapterReader } from './reader.ts'

const knows: ReadonlySet<Algorithm> = new Set(['lora', 'dora', 'loha', 'lokr', 'glora', 'diff', 'norm', 'bias'])
const mostUnmatched = 12

export const forge: AdapterReader = {
  name: 'forge',
  title: 'Forge',
  formats: ['kohya'],
  read(files, base) {
    const [file] = files
    const found = readByNames(file?.tensors ?? new Map(), base, { names: comfyNames(base, false), split: splitByEnding, knows })
    const { dropped } = found
    const facts = { count: dropped.length, limit: mostUnmatched }
    const tooMany = because(
      'reader-forge-limit',
      '{count} keys match nothing, and Forge loads no file with more than {limit} of them.',
      facts,
    )
    const refused = dropped.length > mostUnmatched ? tooMany : undefined
    return { ...found, refused, notes: callable(file?.name) }
  },
}
