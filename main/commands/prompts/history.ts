import { z } from 'zod'
import type { PastPrompt } from '../../api/methods/prompts.ts'
import { pageFields, type Page } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'

/** The prompts of the gallery as they were written, each once with its negative prompt and styles, the newest first. */
export const history = hostCommand({
  input: z.strictObject({ text: z.string().max(500).default(''), ...pageFields }),
  run({ gallery }, { text, offset, limit }): Page<PastPrompt> {
    const past = new Map<string, PastPrompt>()
    for (const { id, at, form, asked } of gallery.list()) {
      const { prompt, negative, styles } = asked ?? form
      const key = JSON.stringify([prompt, negative, styles])
      const known = past.get(key) ?? { prompt, negative, ...(styles ? { styles } : {}), at, picture: id, pictures: 0 }
      past.set(key, { ...known, pictures: known.pictures + 1 })
    }
    const wanted = text.toLowerCase()
    const found = [...past.values()].filter(({ prompt }) => prompt.trim() !== '' && prompt.toLowerCase().includes(wanted))
    return { total: found.length, offset, items: found.slice(offset, offset + limit) }
  },
})
