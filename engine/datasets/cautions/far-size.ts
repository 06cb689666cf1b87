// Pictures of a size that a model was not made for: it repeats what it knows, or draws nothing that it knows.
import { isFarSize } from '../../requests/far-size.ts'
import type { Caution } from './caution.ts'

export const farSize: Caution = {
  name: 'far-size',
  look({ side, asked }) {
    const resolution = asked?.resolution
    if (resolution === undefined || !isFarSize(side, resolution, resolution)) return undefined
    const message = `${resolution} px is far from the ${side} px that the model was made for: shapes are doubled or fall apart. Leave --resolution out, or take one near ${side}.`
    return { code: 'set-size-far', message, facts: { resolution, side } }
  },
}
