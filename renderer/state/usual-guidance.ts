// The guidance that suits a model by itself and with adapters. It follows the stack as long as a person chose no other.
import type { GuidanceSettings, UsualGuidance } from '../../engine/requests/generate.ts'

export const guidanceKeys = ['cfg', 'adapterGuidance', 'guidanceStop'] as const
type Drawing = keyof UsualGuidance

export interface GuidanceTold {
  readonly from: GuidanceSettings
  readonly to: GuidanceSettings
  readonly now: Drawing
}

/** What becomes of the guidance when the stack does, or nothing where a person has their own, or none changes. */
export function guidanceNow(
  form: GuidanceSettings,
  usual: UsualGuidance | undefined,
  before: Drawing,
  now: Drawing,
): GuidanceTold | undefined {
  if (!usual || !sameGuidance(form, usual[before]) || sameGuidance(usual[before], usual[now])) return undefined
  return { from: usual[before], to: usual[now], now }
}

export const sameGuidance = (one: GuidanceSettings, other: GuidanceSettings): boolean =>
  guidanceKeys.every((key) => one[key] === other[key])
