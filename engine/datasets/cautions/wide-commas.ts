// Tags are separated by commas: a full-width one does not part them, neither here nor in other programs.
import { firstOf, some, type Caution } from './caution.ts'

export const wideCommas: Caution = {
  name: 'wide-commas',
  look({ pictures }) {
    const wide = pictures.filter(({ caption }) => /[，、；]/.test(caption)).map(({ path }) => path)
    if (wide.length === 0) return undefined
    const message = `${some(wide.length, pictures.length, 'captions')} have full-width commas, which do not part tags (${firstOf(wide)}). Replace “，” by “, ”.`
    return { code: 'set-wide-commas', message, facts: { count: wide.length, total: pictures.length, names: firstOf(wide) } }
  },
}
