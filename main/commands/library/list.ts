import { adapterFilter, chosenAdapters } from '../../api/adapter-filter.ts'
import type { AdapterCard } from '../../api/methods/library.ts'
import { hostCommand } from '../../studio/command.ts'

/** Of those that are asked for; behind them what paused runs have learnt until then. */
export const list = hostCommand({
  input: adapterFilter,
  async run({ library }, filter): Promise<readonly AdapterCard[]> {
    await library.looked()
    return chosenAdapters([...library.list(), ...library.lent.cards()], filter)
  },
})
