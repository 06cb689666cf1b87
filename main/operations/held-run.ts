// A training run that stands still: its sessions stay open, and pictures are drawn on its very model.
import { PigmentError } from '../../engine/requests/error.ts'
import type { Model } from '../../engine/sessions/open-model.ts'
import type { OperationContext } from '../processes/operation.ts'
import type { TrainingEvent } from './events.ts'
import { lendModel, takeBack } from './held-model.ts'
import type { Machinery } from './machinery.ts'
import type { Opening } from './open-model.ts'
import type { PauseGate } from './pause-gate.ts'

/**
 * Tells that the run stands still, and waits until it goes on or is stopped. Meanwhile its model is lent to whoever draws. Throws `model-changed` where
 * a file of the model is not what it was: what of it was not read yet would be of another model.
 */
export async function holdRun(
  model: Model,
  step: number,
  {
    gate,
    given,
    signal,
    emit,
  }: { readonly gate: PauseGate; readonly given: Opening & Machinery } & Pick<OperationContext<TrainingEvent>, 'signal' | 'emit'>,
): Promise<void> {
  await lendModel(model, given)
  emit({ type: 'paused', step })
  await gate.opened(signal)
  const { changed } = await takeBack(model)
  if (signal.aborted) return
  if (changed !== undefined) throw modelChanged(changed)
  emit({ type: 'resumed', step })
}

const modelChanged = (file: string): PigmentError =>
  new PigmentError(
    'model-changed',
    `"${file}" was changed or taken away while the run stood still. Put the model back as it was: the run then goes on from its checkpoint.`,
    { file },
  )
