// Recipes: settings of a training run as a file, of ours or of another program.
import type { Reason } from '../../../engine/requests/reason.ts'
import type { TrainingForm } from './training.ts'

/** An option of theirs as it was found: of a further set of pictures, of a part of the model, by its whole name. */
interface Theirs {
  readonly theirs: string
  readonly was: unknown
  /** Not in the file: their default, which differs from ours. */
  readonly byDefault?: true
}
interface Ours {
  readonly ours: string
  readonly value: unknown
}
export interface ImportReport {
  readonly program: string
  /** Means the same here. */
  readonly mapped: readonly (Theirs & Ours)[]
  /** Is not here, or not just so: why, and what stands in its place. */
  readonly differs: readonly (Theirs & Partial<Ours> & { readonly why: Reason })[]
  /** No option of theirs that is known here. */
  readonly unknown: readonly Theirs[]
  /** Changes nothing of what is learnt. */
  readonly ignored: readonly Theirs[]
}
/** A recipe as a form begins with it. */
export interface RecipeRead {
  readonly form: Partial<TrainingForm>
  /** What of another program's settings became what. */
  readonly report?: ImportReport
  /** Named in it and not here, by its own name: a person chooses. */
  readonly missing: readonly { readonly kind: 'dataset' | 'model'; readonly name: string }[]
}
export interface RecipeWritten {
  /** Of the file. */
  readonly name: string
  readonly text: string
}
