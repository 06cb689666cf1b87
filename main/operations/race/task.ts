// One entrant's part of a race, as it is sent to a process of its own.
import { trainRequest, type TrainRequest } from '../../../engine/requests/train.ts'
import type { RaceSettings } from '../../../engine/requests/race.ts'
import type { Machinery } from '../machinery.ts'
import type { ModelChoice } from '../open-model.ts'
import type { Entrant } from './entrants.ts'

/** A race as it is asked for. */
export interface RaceGiven extends ModelChoice, Machinery, RaceSettings {
  readonly dataset: string
  /** Folder of everything that it makes. */
  readonly out: string
}

export interface RaceTask {
  readonly race: RaceGiven
  /** Without one, the model alone is measured. */
  readonly entrant?: Entrant
  readonly letter: string
}

/** A set as small as this gives none of its pictures away. */
export const fewPictures = 12
export const heldOutShare = 1 / 8

/** What an entrant is trained by; `usualRate` is the model's own, `steps` of its own where the race is one of time. */
export function requestOf({ race, entrant }: RaceTask, pictures: number, usualRate: number, steps = race.steps): TrainRequest {
  const { dataset, layers, batch, course, seed, resolution, flip, captionDropout, captionPolicy, badPictures, trigger } = race
  const shared = { dataset, layers, batch, course, seed, resolution, flip, captionDropout, captionPolicy, badPictures, trigger }
  return trainRequest.parse({
    ...shared,
    steps,
    lr: (race.lr ?? usualRate) * (entrant?.rate ?? 1),
    warmup: Math.floor(steps / 10),
    heldOut: pictures < fewPictures ? 0 : heldOutShare,
    ...entrant?.sets,
    ...(entrant ? { title: entrant.title } : {}),
  })
}
