// What the fields of a form hold while nobody has touched them.
import type { FieldDescription } from './fields.ts'

type Values = Readonly<Record<string, unknown>>

/** Their defaults, under a preset's values, under what goes with the choices that are made. */
export function usualValues(fields: readonly FieldDescription[], preset: Values = {}, chosen: Values = {}): Values {
  const usual = { ...Object.fromEntries(fields.map(({ key, default: value }) => [key, value])), ...preset }
  const beside = fields.map(({ key, cards }) => cards?.find(({ name }) => name === (key in chosen ? chosen[key] : usual[key]))?.usual)
  return Object.assign({}, usual, ...beside) as Values
}
