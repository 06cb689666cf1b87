import { basename } from 'node:path'
import { z } from 'zod'
import { type ErrorRecord, errorRecord, PigmentError } from '../../../engine/requests/error.ts'
import type { AdapterCard } from '../../api/methods/library.ts'
import { source } from '../../api/shapes.ts'
import { adaptersAt } from '../../operations/adapter-files.ts'
import { announceAdapters } from '../../studio/announce-adapters.ts'
import { hostCommand } from '../../studio/command.ts'

interface BroughtAdapters {
  readonly added: readonly AdapterCard[]
  /** Of those that came in, which others hold the same tensors. */
  readonly twins: readonly { readonly adapter: string; readonly of: readonly AdapterCard[] }[]
  readonly refused: readonly { readonly name: string; readonly error: ErrorRecord }[]
}

/**
 * Copies one or more files in. Of one whose tensors are in the library already both are kept and named, or with `twice: 'skip'` the new one stays away.
 * Throws the engine's reason when nothing of it is an adapter.
 */
export const importAdapters = hostCommand({
  input: z.strictObject({ from: source, twice: z.enum(['keep', 'skip']).default('keep') }),
  async run(studio, { from, twice }): Promise<BroughtAdapters> {
    const { drops, library } = studio
    const added: AdapterCard[] = []
    const refused: { name: string; error: ErrorRecord }[] = []
    const twins: { adapter: string; of: readonly AdapterCard[] }[] = []
    const bring = async (path: string): Promise<void> => {
      const of = await library.twinsOf(path)
      const [first] = of
      if (first && twice === 'skip') throw known(path, first)
      const card = await library.import(path)
      added.push(card)
      if (first) twins.push({ adapter: card.id, of })
    }
    await drops.lend(from, async (paths) => {
      for (const path of await adaptersAt(paths))
        await bring(path).catch((error: unknown) => void refused.push({ name: basename(path), error: drops.asSent(errorRecord(error)) }))
    })
    const [first] = refused
    if (added.length === 0 && refused.length === 1 && first)
      throw new PigmentError(first.error.code, first.error.message, { ...first.error.facts })
    announceAdapters(studio, added)
    return { added, refused, twins }
  },
})

const known = (path: string, { title, name }: AdapterCard): PigmentError =>
  new PigmentError(
    'adapter-known',
    `"${basename(path)}" holds the same as "${title}", which is in the library already. Use that one, or bring this one in beside it.`,
    { path, title, name },
  )
