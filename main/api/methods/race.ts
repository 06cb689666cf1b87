// Races on the screens: who can take part, what one is asked for, and what it came to.
import { z } from 'zod'
import type { ErrorRecord } from '../../../engine/requests/error.ts'
import { raceFields, type RaceResult, type RaceRow } from '../../../engine/requests/race.ts'
import { vaeChoice } from '../../../engine/requests/vae.ts'
import { id, type MediaId } from '../shapes.ts'
import type { JobSummary } from './jobs.ts'

export const raceForm = z.strictObject({
  ...raceFields,
  name: z.string().min(1).max(120),
  dataset: id,
  model: id.optional(),
  vae: vaeChoice,
})
export type RaceForm = z.input<typeof raceForm>

export interface RaceEntrant {
  readonly name: string
  readonly title: string
  /** Takes part unless others are chosen. */
  readonly usual: boolean
}

export interface RaceDetails {
  readonly id: string
  readonly name: string
  readonly state: JobSummary['state']
  readonly form: RaceForm
  /** Once it is done. */
  readonly result?: Omit<RaceResult, 'rows'> & {
    readonly rows: readonly (Omit<RaceRow, 'pictures'> & { readonly pictures: readonly MediaId[] })[]
  }
  readonly error?: ErrorRecord
}
