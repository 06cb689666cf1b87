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
  readonly refused: readonly { readonly name: string; readonly error: ErrorRecord }[]
}

/** Copies one or more files in. Throws the engine's reason when nothing of it is an adapter. */
export const importAdapters = hostCommand({
  input: z.strictObject({ from: source }),
  async run(studio, { from }): Promise<BroughtAdapters> {
    const { drops, library } = studio
    const added: AdapterCard[] = []
    const refused: { name: string; error: ErrorRecord }[] = []
    await drops.lend(from, async (paths) => {
      for (const path of await adaptersAt(paths))
        await library.import(path).then(
          (card) => void added.push(card),
          (error: unknown) => void refused.push({ name: basename(path), error: errorRecord(error) }),
        )
    })
    const [first] = refused
    if (added.length === 0 && refused.length === 1 && first)
      throw new PigmentError(first.error.code, first.error.message, { ...first.error.facts })
    announceAdapters(studio, added)
    return { added, refused }
  },
})
