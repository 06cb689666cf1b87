// The files of a run that its average is made of: steps that it kept, and what it ended with.
import { stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { openSafetensors } from '../../engine/files/safetensors.ts'
import { PigmentError } from '../../engine/requests/error.ts'
import { stoppedAdapter } from './run-folder.ts'
import { keptName, stepsFolderOf, stepsIn } from './step-store.ts'

/**
 * `style.safetensors`, `style.steps` and `style.run` are one run; any other folder is looked into for kept steps. In the order of their steps, by what the
 * result says of itself: it may be an earlier one than the last. Throws `steps-too-few`.
 */
export async function stepsOfRun(run: string): Promise<readonly string[]> {
  const [, stem = run] = /^(.+?)(?:\.safetensors|\.run|\.steps)?[\\/]*$/i.exec(run) ?? []
  const beside = (await stepsIn(stepsFolderOf(`${stem}.safetensors`))) as Map<number, string>
  const kept = new Map(beside.size > 0 ? beside : await stepsIn(run))
  for (const result of [`${stem}.safetensors`, stoppedAdapter(`${stem}.run`)]) {
    const step = kept.size > 0 && (await isFile(result)) ? await stepOf(result) : undefined
    if (step !== undefined && !kept.has(step)) kept.set(step, result)
  }
  if (kept.size > 1) return [...kept].toSorted(([a], [b]) => a - b).map(([, file]) => file)
  const title = basename(stem)
  const sentence = `"${join(dirname(stem), title)}" kept no steps beside its last one, so there is nothing to average. Train with --keep-every N, or name files.`
  throw new PigmentError('steps-too-few', sentence, { title })
}

/** Of checkpoints of one run, in order; undefined where a file does not say its own. */
export async function stepsAt(files: readonly string[]): Promise<readonly number[] | undefined> {
  const steps = await Promise.all(files.map(async (file) => Number(keptName.exec(file)?.[1] ?? (await stepOf(file)))))
  return steps.every((step, i) => Number.isFinite(step) && step > (steps[i - 1] ?? 0)) ? steps : undefined
}

const isFile = (path: string): Promise<boolean> => stat(path).then((found) => found.isFile(), () => false) // prettier-ignore

async function stepOf(file: string): Promise<number> {
  const steps = Number((await openSafetensors(file)).metadata.get('ss_steps'))
  return Number.isSafeInteger(steps) ? steps : Infinity
}
