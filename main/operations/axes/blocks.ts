import { PigmentError } from '../../../engine/requests/error.ts'
import { blockWeightsText, readBlockWeights } from '../../../engine/requests/block-weights.ts'
import { ownBlockPresets } from '../../places/block-presets.ts'
import { inStack, type AxisKind } from './axis.ts'

/** Factors by block of an adapter of the stack, or of each of them: presets, and lists in quotes. */
export const blocksAxis: AxisKind = {
  name: 'blocks',
  called: ['Block weights', 'LBW'],
  of: 'adapter',
  turn: 1,
  read(words, { refuse }) {
    const presets = ownBlockPresets()
    return words.map((word, place) => {
      try {
        const read = readBlockWeights(word, { presets })
        return Object.hasOwn(presets, word) ? blockWeightsText(read) : word
      } catch (error) {
        if (!(error instanceof PigmentError)) throw error
        return refuse(place, word, `block weights. ${error.message}`)
      }
    })
  },
  steps: ({ values, adapter }, world) =>
    values.map(String).map((text) => ({
      label: `${adapter === undefined ? 'Blocks' : `${world.adapterTitle(adapter)} ·`} ${text}`,
      change: (form) => inStack(form, adapter, () => ({ blocks: readBlockWeights(text) })),
    })),
}
