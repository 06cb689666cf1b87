// How an adapter's strength goes over the steps of a run: where it begins and ends, and a curve between. Steps are those that a person sees, of one run:
// a solver that asks the model twice a step has the same strength both times. start and stop are as in hako-mikan's sd-webui-lora-block-weight under
// A1111, where the first `start` steps are without and the first `stop` steps with; curves are written as in cheald's sd-webui-loractl, `1@0,0.3@0.5`.
import { z } from 'zod'
import { PigmentError } from './error.ts'

export interface StrengthCourse {
  /** Acts after so many steps: a whole number, or a share of them below 1. Usual: from the first. */
  readonly start?: number | undefined
  /** Acts no longer after so many. Usual: to the last. */
  readonly stop?: number | undefined
  /** Factors of the strength between the two, as `readCurve` takes them. */
  readonly curve?: string | undefined
}

interface Point {
  readonly factor: number
  /** A share of the steps between start and stop, or, where any of a curve is above 1, the number of a step. */
  readonly at: number
}
const whole: readonly Point[] = [{ factor: 1, at: 0 }]
const fading: readonly Point[] = [...whole, { factor: 0, at: 1 }]

/** What lies between two points of a curve, by how much of the way is gone; and the points of one that names none. */
const ways: Readonly<Record<string, { readonly between: (f: number) => number; readonly usual: readonly Point[] }>> = {
  constant: { between: () => 0, usual: whole },
  linear: { between: (f) => f, usual: fading },
  cosine: { between: (f) => (1 - Math.cos(Math.PI * f)) / 2, usual: fading },
}
export const curveWays: readonly string[] = Object.keys(ways)

export interface Curve {
  readonly way: string
  /** By their places. */
  readonly points: readonly Point[]
}

const most = { points: 40, factor: 100, step: 1000 }
const numeral = '[+-]?(?:\\d+\\.?\\d*|\\.\\d+)'
const number = new RegExp(`^${numeral}$`)
const pointAt = new RegExp(`^(${numeral})\\s*([@:])\\s*(${numeral})$`)

/** `linear` and `cosine` go from 1 to 0; points are `FACTOR@PLACE` or `PLACE:FACTOR`, perhaps behind the word for what lies between. Throws `strength-curve`. */
export function readCurve(text: string): Curve {
  const [, word = '', rest = ''] = /^\s*([a-z]*)\s*([^]*?)\s*$/.exec(text) ?? []
  const way = word === '' ? 'linear' : word
  const found = Object.hasOwn(ways, way) ? ways[way] : undefined
  if (!found) throw curveRefused(text, `"${way.slice(0, 40)}" is no way between points.`)
  if (rest === '') {
    if (word === '') throw curveRefused(text, 'it is empty.')
    return { way, points: found.usual }
  }
  const points = rest.split(/[,;]/).map((part) => pointOf(part.trim(), text))
  if (points.length > most.points) throw curveRefused(text, `it has ${points.length} points, and at most ${most.points} are taken.`)
  return { way, points: points.toSorted((a, b) => a.at - b.at) }
}

function pointOf(part: string, text: string): Point {
  const [, first, sign, second] = pointAt.exec(part) ?? []
  if (first === undefined || second === undefined) throw curveRefused(text, `"${part.slice(0, 40)}" is no point.`)
  const [factor, at] = sign === '@' ? [Number(first), Number(second)] : [Number(second), Number(first)]
  if (Math.abs(factor) > most.factor) throw curveRefused(text, `${factor} must lie between -${most.factor} and ${most.factor}.`)
  if (at < 0 || at > most.step) throw curveRefused(text, `a place must lie between 0 and ${most.step}, got ${at}.`)
  return { factor, at }
}

/** As it is written, in `readCurve`'s words; undefined where it changes nothing. */
export function curveText({ way, points }: Curve): string | undefined {
  if (points.every(({ factor }) => factor === 1)) return undefined
  if (points === ways[way]?.usual) return way
  return `${way === 'linear' ? '' : `${way} `}${points.map(({ factor, at }) => `${factor}@${at}`).join(',')}`
}

/** The factor at a place: shares from 0 to 1, or numbers of steps from 1. Before the first point and behind the last it stays. */
function curveAt({ way, points }: Curve, share: number, step: number): number {
  const x = points.some(({ at }) => at > 1) ? step : share
  const next = points.findIndex(({ at }) => at > x)
  const to = points[next === -1 ? points.length - 1 : next]
  const from = points[next === -1 ? points.length - 1 : next - 1] ?? to
  if (!from || !to) return 1
  const f = to.at === from.at ? 1 : (x - from.at) / (to.at - from.at)
  return from.factor + (ways[way]?.between(f) ?? f) * (to.factor - from.factor)
}

/** Whether a number says where: a whole one is a step, another a share. */
const says = (at: number): boolean => at >= 0 && at <= most.step && (Number.isInteger(at) || at < 1)

const place = z.number().refine(says, { error: 'takes a whole number of steps, or a share of them below 1' })

/** Part of the schemas of stacks. */
export const strengthCourse = {
  start: place.optional(),
  stop: place.optional(),
  curve: z
    .string()
    .max(400)
    .superRefine((text, context) => {
      try {
        readCurve(text)
      } catch (error) {
        if (!(error instanceof PigmentError)) throw error
        context.addIssue({ code: 'custom', message: error.message, input: text })
      }
    })
    .optional(),
}

/** As words of a tag. */
export interface SaidCourse {
  readonly start?: string | undefined
  readonly stop?: string | undefined
  /** `a-b` */
  readonly step?: string | undefined
  readonly curve?: string | undefined
}

/** `step` is both in one. A share is a number with a point. Throws `strength-steps`, `strength-curve`. */
export function readCourse({ step, ...said }: SaidCourse): StrengthCourse {
  const [, first, last] = step === undefined ? [] : (/^\s*([^-]*?)\s*-\s*([^-]*?)\s*$/.exec(step) ?? [])
  if (step !== undefined && first === undefined) throw stepsRefused(`step=${step}`, 'it has to be two places with a dash between, as 5-10.')
  const [start, stop] = [placeSaid('start', first ?? said.start), placeSaid('stop', last ?? said.stop)]
  const curve = said.curve === undefined ? undefined : curveText(readCurve(said.curve))
  const course = {
    ...(start === undefined || start === 0 ? {} : { start }),
    ...(stop === undefined ? {} : { stop }),
    ...(curve === undefined ? {} : { curve }),
  }
  checkCourse(course)
  return course
}

function placeSaid(what: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const said = text.trim()
  const at = number.test(said) ? Number(said) : NaN
  // As a share, 1 is all of them: nothing ends there, and nothing is left to begin.
  if (said.includes('.') && at === 1) {
    if (what === 'stop') return undefined
    throw stepsRefused(`start=${said}`, 'after all of the steps there is none left. Give a weight of 0 instead.')
  }
  if (!says(at)) throw stepsRefused(`${what}=${said}`, 'it has to be a whole number of steps, as 10, or a share of them, as 0.3.')
  return at
}

/** Throws `strength-steps` where it ends before it begins; a step and a share are compared where the number of steps is known. */
export function checkCourse({ start = 0, stop }: StrengthCourse, steps?: number): void {
  if (stop === undefined) return
  const alike = Number.isInteger(start) === Number.isInteger(stop) || start === 0
  if (alike && start >= stop) throw endsFirst(start, stop)
  if (!alike && steps !== undefined && stepOf(start, steps) >= stepOf(stop, steps)) throw endsFirst(start, stop, steps)
}

/** The words of a tag that say it, each with a colon before; with `steps`, places as whole steps of so many. */
export function courseText({ start, stop, curve }: StrengthCourse, steps?: number): string {
  const at = (place: number): number => (steps === undefined ? place : stepOf(place, steps))
  return [
    ...(start === undefined ? [] : [`:start=${at(start)}`]),
    ...(stop === undefined ? [] : [`:stop=${at(stop)}`]),
    ...(curve === undefined ? [] : [`:curve=${curve}`]),
  ].join('')
}

const stepOf = (place: number, steps: number): number => (Number.isInteger(place) ? place : Math.floor(place * steps))

/** Whether all steps have the same strength. */
export const isSteady = ({ start, stop, curve }: StrengthCourse): boolean =>
  (start === undefined || start === 0) && stop === undefined && curve === undefined

/** The factor of the strength at each of a run's steps. So few that a share of them is none leave some without. Throws `strength-curve`. */
export function courseFactors(course: StrengthCourse, steps: number): readonly number[] {
  const first = stepOf(course.start ?? 0, steps)
  const end = course.stop === undefined ? steps : stepOf(course.stop, steps)
  const curve = course.curve === undefined ? undefined : readCurve(course.curve)
  const last = Math.min(end, steps) - 1
  return Array.from({ length: steps }, (_, step) => {
    if (step < first || step >= end) return 0
    return curve ? curveAt(curve, last > first ? (step - first) / (last - first) : 0, step + 1) : 1
  })
}

function endsFirst(start: number, stop: number, steps?: number): PigmentError {
  const of = steps === undefined ? '' : `, which of ${steps} steps are ${stepOf(start, steps)} and ${stepOf(stop, steps)}`
  return new PigmentError(
    'strength-steps',
    `An adapter is to start after ${start} and to stop after ${stop}${of}: it would act in no step. Let start be before stop.`,
    { start, stop, ...(steps === undefined ? {} : { steps }) },
  )
}

function stepsRefused(text: string, why: string): PigmentError {
  return new PigmentError('strength-steps', `"${text.slice(0, 60)}" of an adapter cannot be read: ${why}`, { text: text.slice(0, 60) })
}

function curveRefused(text: string, why: string): PigmentError {
  const shown = text.slice(0, 80)
  return new PigmentError(
    'strength-curve',
    `The curve "${shown}" of an adapter cannot be read: ${why} Give ${curveWays.join(', ')}, or factors of its strength with their places, as 1@0,0.3@0.5 (shares of the steps from start to stop, or numbers of steps where one is above 1), perhaps behind one of these words.`,
    { text: shown, ways: curveWays },
  )
}
