// What a model begins with, where nobody says otherwise: how it is trained and how it is drawn with. Each model says its own, and nobody else does.
import type { UsualGuidance } from './generate.ts'
import type { TrainRequest } from './train.ts'

export const presetNames = ['quick', 'balanced', 'thorough'] as const
export type PresetName = (typeof presetNames)[number]

/** The fields that presets decide; all others begin as the schema says. */
export const presetKeys = [
  'steps',
  'batch',
  'rank',
  'alpha',
  'members',
  'layers',
  'lr',
  'ema',
  'course',
  'warmup',
  'captionDropout',
  'preservation',
  'preservationOptions',
  'checkpointEvery',
] as const satisfies readonly (keyof TrainRequest)[]
type Decided = Pick<TrainRequest, (typeof presetKeys)[number]>
type Needed = 'steps' | 'batch' | 'rank' | 'alpha' | 'layers' | 'lr' | 'warmup' | 'checkpointEvery'
export type PresetValues = Readonly<Pick<Decided, Needed> & Partial<Omit<Decided, Needed>>>

export interface ModelDefaults {
  readonly presets: Readonly<Record<PresetName, PresetValues>>
  readonly guidance: UsualGuidance
}
