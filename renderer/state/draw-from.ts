// What a picture is drawn from: words alone, a picture, or a part of one. Each is a tab of the canvas; what another tab was given waits there.
import type { ConditionOptions } from '../../engine/requests/generate.ts'
import type { ConditionCard } from '../../main/api/methods/generate.ts'

export const drawModes = ['text', 'image', 'mask'] as const
export type DrawMode = (typeof drawModes)[number]
export const isDrawMode = (value: unknown): value is DrawMode => drawModes.some((mode) => mode === value)

/** The condition that begins with a picture, and the one that draws a part of it anew: known by what they take. */
export function pictureCards(cards: readonly ConditionCard[]): { readonly start?: ConditionCard; readonly mask?: ConditionCard } {
  const takesPicture = (card: ConditionCard): boolean => card.options.some(({ key, path }) => key === card.by && path === 'picture')
  const start = cards.find((card) => card.over === undefined && takesPicture(card))
  const mask = start && cards.find((card) => card.over === start.by && takesPicture(card))
  return { ...(start ? { start } : {}), ...(mask ? { mask } : {}) }
}

/** What of the conditions is in force in a mode. */
export function givenIn(mode: DrawMode, conditions: ConditionOptions, cards: readonly ConditionCard[]): ConditionOptions {
  const { start, mask } = pictureCards(cards)
  const waiting = [mode === 'text' ? start?.by : undefined, mode === 'mask' ? undefined : mask?.by]
  return Object.fromEntries(Object.entries(conditions).filter(([key]) => !waiting.includes(key)))
}

/** The mode that conditions were meant for. */
export function modeOf(conditions: ConditionOptions, cards: readonly ConditionCard[]): DrawMode {
  const { start, mask } = pictureCards(cards)
  if (!start || conditions[start.by] === undefined) return 'text'
  return mask && conditions[mask.by] !== undefined ? 'mask' : 'image'
}
