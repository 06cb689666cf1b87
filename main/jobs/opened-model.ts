import { embeddedId } from '../stores/models.ts'

interface Opened {
  readonly model?: string | undefined
  readonly vae?: string | undefined
  readonly computePrecision?: string
  readonly prediction?: string | undefined
  readonly zeroTerminalSnr?: boolean | undefined
  /** Of a training run: pictures are read at any layer by the same model. */
  readonly trainedAt?: number | undefined
}

/** By which two forms ask for the very same model to be opened. */
export const openedBy = ({
  model = embeddedId,
  vae,
  computePrecision,
  prediction,
  zeroTerminalSnr = false,
  trainedAt = 1,
}: Opened): string => JSON.stringify([model, vae, computePrecision, prediction, zeroTerminalSnr, trainedAt])
