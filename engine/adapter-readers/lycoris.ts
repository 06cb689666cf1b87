// LyCORIS' create_lycoris_from_weights: the layer's name stands before the first dot. Source: lycoris wrapper.py, kohya.py.
import { familyCalled } from '../models/family-called.ts'
import { readByNames, type SplitKey } from './by-names.ts'
import type { Algorithm } from './parts.ts'
import type { AdapterReader } from './reader.ts'

const knows: ReadonlySet<Algorithm> = new Set(['lora', 'dora', 'loha', 'lokr', 'glora', 'ia3', 'diff', 'norm', 'bias'])

const atFirstDot: SplitKey = (key) => {
  const dot = key.indexOf('.')
  return dot < 0 ? undefined : { name: key.slice(0, dot), part: key.slice(dot + 1) }
}

export const lycoris: AdapterReader = {
  name: 'lycoris',
  title: 'LyCORIS',
  formats: ['lycoris'],
  read(files, base) {
    const { textEncoders } = familyCalled(base.family)
    const names = new Map<string, string>()
    for (const layer of base.shapes.keys()) {
      const dot = layer.indexOf('.')
      const [network, path] = [layer.slice(0, dot), layer.slice(dot + 1).replaceAll('.', '_')]
      const encoder = textEncoders.find(({ folder }) => folder === network)?.inAdapters.kohya
      names.set(`${network === 'unet' ? 'lycoris' : encoder}_${path}`, layer)
    }
    return { ...readByNames(files[0]?.tensors ?? new Map(), base, { names, split: atFirstDot, knows }), notes: [] }
  },
}
