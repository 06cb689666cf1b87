// Without a word of its own a style can be called by nothing, and bleeds into everything that is drawn.
import type { Caution } from './caution.ts'

/** A word that stands in so many captions calls what was learnt. */
const inMost = 0.9
const everyday = new Set(['a', 'an', 'the', 'of', 'in', 'on', 'and', 'with', 'photo', 'picture', 'style', 'emoji'])

export const noTrigger: Caution = {
  name: 'no-trigger',
  look({ pictures, trigger = '' }) {
    const captions = pictures.map(({ caption }) => caption.toLowerCase()).filter((caption) => caption.trim() !== '')
    if (trigger.trim() !== '' || captions.length === 0) return undefined
    const counts = new Map<string, number>()
    for (const caption of captions)
      for (const word of new Set(caption.match(/[\p{L}\p{N}_[\]-]+/gu))) counts.set(word, (counts.get(word) ?? 0) + 1)
    if ([...counts].some(([word, count]) => !everyday.has(word) && count >= inMost * captions.length)) return undefined
    const message =
      'No trigger word: no word stands in all captions, so nothing calls what is learnt, and other prompts change too. Give one of your own with --trigger.'
    return { code: 'set-no-trigger', message, facts: {} }
  },
}
