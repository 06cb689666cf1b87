// Lin et al. 2023, "Common Diffusion Noise Schedules and Sample Steps are Flawed": a schedule whose last timestep is noise alone, so that training and
// drawing begin alike, and very dark and very bright pictures can be drawn. A model learns it by being trained further with it.
import type { Checkpoint } from '../checkpoint/config.ts'
import { PigmentError } from '../requests/error.ts'

/** The same checkpoint under such a schedule, whose first step is visited when drawing. Throws `zero-snr-prediction` where it predicts ε. */
export function withZeroTerminalSnr<C extends Pick<Checkpoint, 'schedule' | 'path'>>(checkpoint: C): C {
  refuseEpsilon(checkpoint.schedule.prediction, checkpoint.path)
  return { ...checkpoint, schedule: { ...checkpoint.schedule, zeroTerminalSnr: true, timestepSpacing: 'trailing' } }
}

/** At pure noise ε is the input and says nothing of the picture. */
export function refuseEpsilon(prediction: string | undefined, path?: string): void {
  if (prediction !== 'epsilon') return
  const whose = path === undefined ? 'The model' : `"${path}"`
  const sentence = `${whose} is to predict ε, and with zero terminal SNR its last timestep is noise alone, of which ε says nothing. Let it learn v too (--prediction v_prediction), or leave --zero-terminal-snr out.`
  throw new PigmentError('zero-snr-prediction', sentence, { prediction, ...(path === undefined ? {} : { path }) })
}
