// What a form offers beside a field: another field's value times a factor, as the engine's schema says.
import type { FieldDescription } from '../../engine/requests/fields.ts'

export interface Offer {
  readonly times: number
  /** Key of the other field. */
  readonly of: string
  /** What the field gets by it. */
  readonly value: number
}

/** Undefined where the other field is not among those that are drawn, its value is none, or the field has the offered value already. */
export function offerOf(
  { key, offer }: Pick<FieldDescription, 'key' | 'offer'>,
  drawn: readonly Pick<FieldDescription, 'key'>[],
  valueOf: (key: string) => unknown,
): Offer | undefined {
  if (!offer || !drawn.some((other) => other.key === offer.of)) return undefined
  const other = valueOf(offer.of)
  if (typeof other !== 'number' || !Number.isFinite(other)) return undefined
  const value = other * offer.times
  return value === valueOf(key) ? undefined : { ...offer, value }
}
