// From a handful of pictures things are learnt by heart: what they show, and not how.
import type { Caution } from './caution.ts'

const enough = 10

export const fewPictures: Caution = {
  name: 'few-pictures',
  look({ pictures }) {
    if (pictures.length === 0 || pictures.length >= enough) return undefined
    const n = pictures.length
    const message = `Only ${n === 1 ? 'one picture' : `${n} pictures`}: a style takes ${enough} or more, else the pictures themselves are learnt by heart. Add some, or take fewer steps (--steps).`
    return { code: 'set-few-pictures', message, facts: { count: n, least: enough } }
  },
}
