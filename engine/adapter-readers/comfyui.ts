// ComfyUI's LoraLoader: whatever it knows is added, and a key that it does not know is told in its log alone. Source: comfy/lora.py, comfy/weight_adapter.
import { because } from '../requests/reason.ts'
import { readByNames, splitByEnding } from './by-names.ts'
import { comfyNames } from './comfyui-names.ts'
import type { Algorithm } from './parts.ts'
import type { AdapterReader } from './reader.ts'

const knows: ReadonlySet<Algorithm> = new Set(['lora', 'dora', 'loha', 'lokr', 'glora', 'diff', 'norm', 'bias', 'set'])

export const comfyui: AdapterReader = {
  name: 'comfyui',
  title: 'ComfyUI',
  formats: ['kohya', 'ldm', 'lycoris'],
  read(files, base) {
    const [file] = files
    const found = readByNames(file?.tensors ?? new Map(), base, { names: comfyNames(base, true), split: splitByEnding, knows })
    const byOutput = [...found.layers.values()]
      .flat()
      .some((change) => change.kind === 'pair' && change.magnitude && (change.magnitude.shape[1] ?? 1) === 1)
    const note = because(
      'reader-comfyui-norm',
      'It divides magnitudes by output by the norm of the base weight alone: pictures differ a little.',
      {},
    )
    return { ...found, notes: byOutput ? [note] : [] }
  },
}
