// The course of an adapter's strength over the steps, as the stack's card shows and changes it: places as shares, in percent.
import { courseFactors, readCurve, curveText, type StrengthCourse } from '../../engine/requests/strength-course.ts'

/** Curves that are offered by name; another is one's own. */
export const curves = {
  steady: '',
  out: 'linear',
  'out-softly': 'cosine',
  in: '0@0,1@1',
  'in-softly': 'cosine 0@0,1@1',
} as const
export type CurveName = keyof typeof curves
export const curveNames = Object.keys(curves) as CurveName[]

export function curveName({ curve = '' }: StrengthCourse): CurveName | 'own' {
  return curveNames.find((name) => curves[name] === curve) ?? 'own'
}

/** Where it begins and ends of so many steps, in percent. */
export function percents({ start = 0, stop }: StrengthCourse, steps: number): { from: number; to: number } {
  const share = (place: number): number => Math.round(100 * Math.min(1, Number.isInteger(place) ? place / steps : place))
  return { from: share(start), to: stop === undefined ? 100 : share(stop) }
}

const least = 5

/** One end moved, the other out of its way: what a course has of it. */
export function movedTo({ from, to }: { from: number; to: number }, end: 'from' | 'to', percent: number): StrengthCourse {
  const start = end === 'from' ? Math.min(percent, 100 - least) : Math.min(from, Math.max(0, percent - least))
  const stop = end === 'to' ? Math.max(percent, least) : Math.max(to, Math.min(100, start + least))
  return { start: start <= 0 ? undefined : start / 100, stop: stop >= 100 ? undefined : stop / 100 }
}

/** A curve as written by a person: as it is kept, or undefined where it cannot be read. */
export function curveWritten(text: string): { readonly curve: string | undefined } | undefined {
  try {
    return { curve: curveText(readCurve(text)) }
  } catch {
    return undefined
  }
}

/** Factors of the steps as the points of a line, 100 wide and 24 high, from the lowest to the highest of them; 0 and 1 are always in it. */
export function line(course: StrengthCourse, steps: number): string {
  const factors = courseFactors(course, Math.max(1, steps))
  const [low, high] = [Math.min(0, ...factors), Math.max(1, ...factors)]
  const width = 100 / factors.length
  return factors.map((factor, i) => `${i * width},${y(factor, low, high)} ${(i + 1) * width},${y(factor, low, high)}`).join(' ')
}

const y = (factor: number, low: number, high: number): number => Math.round(10 * (23 - (22 * (factor - low)) / (high - low))) / 10
