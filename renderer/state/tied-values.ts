// Fields that go with another one while nobody sets them apart, as alpha goes with the rank.
import type { FieldDescription } from '../../engine/requests/fields.ts'

type Values = Readonly<Record<string, unknown>>
type Followed = Pick<FieldDescription, 'key' | 'offer'>

/** The usual values, with those that follow (`offer`) a field that was changed: in the proportion that the two usually have. */
export function tied(fields: readonly Followed[], usual: Values, chosen: Values): Values {
  const following = fields.flatMap(({ key, offer }) => {
    const [own, of, now] = [usual[key], usual[offer?.of ?? ''], chosen[offer?.of ?? '']]
    const follows = [own, of, now].every((value) => typeof value === 'number' && Number.isFinite(value) && value > 0)
    return follows ? [[key, (Number(own) * Number(now)) / Number(of)] as const] : []
  })
  return { ...usual, ...Object.fromEntries(following) }
}

/** What to leave of the changes where another preset is taken: what no preset speaks of. */
export const besidePresets = (values: Values, presets: readonly { readonly values: Values }[]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).filter(([key]) => presets.every((preset) => !(key in preset.values))))
