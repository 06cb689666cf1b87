import { generateRequest } from '../../../engine/requests/generate.ts'
import type { AxisKind } from './axis.ts'

const sides = (text: string): number[] => (/^\s*(\d+)\s*[x×]\s*(\d+)\s*$/.exec(text)?.slice(1) ?? []).map(Number)

/** Both sides, as `512x768`. */
export const sizeAxis: AxisKind = {
  name: 'size',
  called: ['Size'],
  read: (words, { refuse }) =>
    words.map((word, place) => {
      const [width, height] = sides(word)
      const fits = generateRequest.pick({ width: true, height: true }).safeParse({ width, height }).success
      return fits && width !== undefined ? `${width}x${height}` : refuse(place, word, 'two sides, as 512x768')
    }),
  steps: ({ values }) =>
    values.map(String).map((size) => {
      const [width, height] = sides(size)
      return { label: size.replace('x', '×'), change: (form) => ({ ...form, width, height }) }
    }),
}
