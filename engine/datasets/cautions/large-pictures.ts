// A picture that is many times larger than what the model draws loses its details, and with them what made its style.
import { firstOf, some, type Caution } from './caution.ts'

/** Shrunk by more, lines and texture of a picture are gone. */
const most = 8

export const largePictures: Caution = {
  name: 'large-pictures',
  look({ pictures, side, asked }) {
    const wanted = asked?.resolution ?? side
    const large = pictures.filter(({ width, height }) => Math.sqrt(width * height) > wanted * most)
    if (large.length === 0) return undefined
    const names = firstOf(large.map(({ path }) => path))
    const message = `${some(large.length, pictures.length, 'pictures')} are more than ${most} times as large as the ${wanted} px that are learnt (${names}): fine lines and texture are gone then. Crop what matters.`
    return { code: 'set-pictures-large', message, facts: { count: large.length, total: pictures.length, side: wanted, times: most, names } }
  },
}
