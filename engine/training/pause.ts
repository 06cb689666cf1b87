/** A run that may stand still between two steps, with everything that it has in memory, and go on as if it had not. */
export interface Pause {
  /** Whether it is to stand still before its next step. */
  readonly asked: boolean
  /** Its checkpoint is written. Resolves when it is to go on, or is stopped. */
  readonly hold: (step: number) => Promise<void>
}
