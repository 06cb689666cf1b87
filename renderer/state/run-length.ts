// What the length of a run is said in: one of three fields counts, and the form shows that one.
import type { FieldDescription } from '../../engine/requests/fields.ts'

export const lengthKeys = ['steps', 'epochs', 'minutes'] as const
export type LengthKey = (typeof lengthKeys)[number]
type Values = Readonly<Record<string, unknown>>

export const isLength = (key: string): key is LengthKey => (lengthKeys as readonly string[]).includes(key)

/** Steps unless another is there. */
export const lengthBy = (valueOf: (key: string) => unknown): LengthKey =>
  lengthKeys.find((key) => key !== 'steps' && valueOf(key) !== undefined) ?? 'steps'

interface Ground {
  readonly fields: readonly FieldDescription[]
  /** What a preset of one's own may say. */
  readonly usual: Values
  readonly forecast?: { readonly epochs: number; readonly seconds: number } | undefined
}

/** What was changed of the form, with its length said in another way: at first as long as it was, as far as that is foreseen. */
export function inLength(by: LengthKey, values: Values, { fields, usual, forecast }: Ground): Record<string, unknown> {
  const { epochs: _epochs, minutes: _minutes, ...rest } = values
  const foreseen = { epochs: forecast?.epochs ?? 10, minutes: (forecast?.seconds ?? 1800) / 60 }
  const others = Object.fromEntries(
    lengthKeys.flatMap((key) => (key !== 'steps' && key !== by && usual[key] !== undefined ? [[key, undefined]] : [])),
  )
  const own = by === 'steps' ? {} : { [by]: Math.max(1, Math.round(foreseen[by])) }
  const left =
    by === 'minutes'
      ? { ...rest, ...openCourse(values, fields, usual) }
      : values.minutes === undefined
        ? rest
        : withoutOpenCourse(rest, fields)
  return { ...left, ...others, ...own }
}

/** A clock does not tell a falling rate where to fall to: a course that needs no length, where another was chosen. */
function openCourse(values: Values, fields: readonly FieldDescription[], usual: Values): { readonly course?: string } {
  const cards = fields.find(({ key }) => key === 'course')?.cards ?? []
  const now = cards.find(({ name }) => name === ('course' in values ? values.course : usual.course))
  const open = cards.find((one) => one.endless)
  return now?.endless || !open ? {} : { course: open.name }
}

/** The course that a clock needed goes with it. */
function withoutOpenCourse({ course, ...others }: Values, fields: readonly FieldDescription[]): Values {
  const open = fields.find(({ key }) => key === 'course')?.cards?.find((one) => one.endless)
  return course === undefined || course === open?.name ? others : { ...others, course }
}
