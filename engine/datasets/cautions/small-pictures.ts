// A picture that is smaller than what the model draws is enlarged, and its blur is learnt.
import { firstOf, some, type Caution } from './caution.ts'

/** Enlarged by more, a picture is soft. */
const most = 1.5

export const smallPictures: Caution = {
  name: 'small-pictures',
  look({ pictures, side, asked }) {
    const wanted = asked?.resolution ?? side
    const small = pictures.filter(({ width, height }) => width * height > 0 && Math.sqrt(width * height) * most < wanted)
    if (small.length === 0) return undefined
    const names = firstOf(small.map(({ path }) => path))
    const message = `${some(small.length, pictures.length, 'pictures')} are much smaller than the ${wanted} px that are learnt (${names}): they are enlarged, and their blur is learnt. Take larger ones, or a smaller --resolution.`
    return { code: 'set-pictures-small', message, facts: { count: small.length, total: pictures.length, side: wanted, names } }
  },
}
