import { PigmentError } from '../../../engine/requests/error.ts'
import { recommend as recommendOf } from '../../../engine/training/watching/recommend.ts'
import { readForgetting, readValidation } from '../watched-run.ts'

/** `style.run`, `style.validation.json` and `style.safetensors` are one run. */
const outOf = (run: string): string => `${run.replace(/(\.safetensors|\.run|\.validation\.json)?[\\/]?$/i, '')}.safetensors`

/** Which step of a run that was watched is best, as far as the run has come. Throws `validation-missing`. */
export async function recommend({ run }: { readonly run: string }) {
  const out = outOf(run)
  const [{ points = [] }, { points: forgetting = [] }] = await Promise.all([readValidation(out), readForgetting(out)])
  const found = recommendOf({ points, forgetting })
  if (!found) {
    const sentence = `Nothing was measured on held-out pictures beside "${out}". Train with --validate-every and --held-out-count, or --held-out-folder.`
    throw new PigmentError('validation-missing', sentence, { run: out })
  }
  const { reason, ...facts } = found
  const moved = new Map(forgetting.map(({ step, features }) => [step, features]))
  return {
    recommendation: reason,
    ...facts,
    // Below 0, the more is known by heart.
    steps: points.map(({ step, heldOut, trained, gap }) => ({ step, heldOut, trained, gap, ...(moved.has(step) ? { forgotten: moved.get(step) } : {}) })), // prettier-ignore
  }
}
