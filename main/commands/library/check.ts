import { z } from 'zod'
import { PigmentError } from '../../../engine/requests/error.ts'
import { otherModel, warningsOf } from '../../api/adapter-warnings.ts'
import type { AdapterCheck } from '../../api/methods/library.ts'
import { id } from '../../api/shapes.ts'
import { announceAdapters } from '../../studio/announce-adapters.ts'
import { hostCommand } from '../../studio/command.ts'

/** Reads an adapter whole on a model, the embedded one unless another is named: how it will act, and what to know before. */
export const check = hostCommand({
  input: z.strictObject({ adapter: id, model: id.optional() }),
  async run(studio, { adapter, model }): Promise<AdapterCheck> {
    const { library, models, tools } = studio
    const nothing = { adapter, layers: 0, layersByNetwork: {}, variants: {}, folded: 0, alphas: [], leftOut: [] }
    const card = library.card(adapter)
    const { path, facts } = await models.get(model)
    const before = warningsOf({ ...card, leftOut: 0 }, facts)
    if (before.length > 0) return { ...nothing, warnings: before }
    try {
      const found = await tools.call('inspectAdapter', { path: library.path(adapter), model: path })
      const { layers, layersByNetwork, variants = {}, folded = 0, alphas = [], leftOut, read = {}, rankBlocks } = found
      const learnt = await library.learn(adapter, found)
      if (learnt.leftOut !== card.leftOut) announceAdapters(studio, [learnt])
      const ranks = rankBlocks ? { rankBlocks } : {}
      return { adapter, warnings: warningsOf(learnt, facts), layers, layersByNetwork, variants, folded, alphas, ...ranks, leftOut, read }
    } catch (error) {
      if (!(error instanceof PigmentError)) throw error
      const warnings = /-family-mismatch$/.test(error.code) ? [otherModel(card, facts)] : warningsOf({ ...card, error: error.record() })
      return { ...nothing, warnings }
    }
  },
})
