// Text encoders of Stable Diffusion learnt English: other scripts reach them as single bytes, which mean nothing to them.
import { firstOf, some, type Caution } from './caution.ts'

const letters = /\p{L}/gu
const latin = /\p{Script=Latin}/gu

/** Whether more of a caption is in other scripts than in Latin letters. */
export function isUnread(caption: string): boolean {
  const all = caption.match(letters)?.length ?? 0
  return all > 0 && (caption.match(latin)?.length ?? 0) < all / 2
}

export const unreadCaptions: Caution = {
  name: 'unread-captions',
  look({ pictures }) {
    const unread = pictures.filter(({ caption }) => isUnread(caption)).map(({ path }) => path)
    if (unread.length === 0) return undefined
    const message = `${some(unread.length, pictures.length, 'captions')} are not in English, and the text encoder cannot read them (${firstOf(unread)}). Write them in English, or prompts will not find what was learnt.`
    return { code: 'set-captions-unread', message, facts: { count: unread.length, total: pictures.length, names: firstOf(unread) } }
  },
}
