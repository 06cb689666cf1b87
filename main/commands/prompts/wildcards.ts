import { z } from 'zod'
import { pageFields, type Page } from '../../api/shapes.ts'
import { wildcardNames } from '../../operations/wildcard-files.ts'
import { hostCommand } from '../../studio/command.ts'

/** Names of the wildcards in the data folder that hold a text. */
export const wildcards = hostCommand({
  input: z.strictObject({ text: z.string().max(500).default(''), ...pageFields }),
  async run({ places }, { text, offset, limit }): Promise<Page<string>> {
    const wanted = text.toLowerCase()
    const names = (await wildcardNames(places.wildcards)).filter((name) => name.toLowerCase().includes(wanted))
    return { total: names.length, offset, items: names.slice(offset, offset + limit) }
  },
})
