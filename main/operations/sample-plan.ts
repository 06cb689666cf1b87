// The samples that a run was told of in words of the terminal, as it draws them.
import { PigmentError } from '../../engine/requests/error.ts'
import { defaultsAt } from './defaults-at.ts'
import type { TrainGiven } from './train.ts'
import type { SamplePlan } from './training-samples.ts'

/** As `sampleFields` of a recipe has them. */
export interface SamplesAsked {
  readonly samplePrompt?: readonly string[] | undefined
  readonly sampleEvery?: number | undefined
  readonly sampleSeed?: number | undefined
  readonly sampleSteps?: number | undefined
}

export const stemOf = (out: string): string => out.replace(/\.safetensors$/i, '')

/** Throws `sample-prompt-missing`. */
export function refuseNoPrompt({ samplePrompt, ...others }: SamplesAsked): void {
  const names = { sampleEvery: '--sample-every', sampleSeed: '--sample-seed', sampleSteps: '--sample-steps' } as const
  const told = (Object.keys(names) as (keyof typeof names)[]).filter((key) => others[key] !== undefined)
  if (samplePrompt !== undefined || told.length === 0) return
  const flags = told.map((key) => names[key]).join(', ')
  throw new PigmentError('sample-prompt-missing', `${flags}: no sample has a prompt. Add --sample-prompt TEXT, once or several times.`, {
    flags,
  })
}

/** Nothing where no prompt is given. As the model is drawn with unless anybody says otherwise. */
export async function samplePlanOf(
  task: TrainGiven & SamplesAsked & { readonly steps: number },
  { samplePrompt, sampleEvery, sampleSeed = 0, sampleSteps = 12 }: SamplesAsked = task,
): Promise<SamplePlan | undefined> {
  if (samplePrompt === undefined) return undefined
  const { alone, stacked } = (await defaultsAt(task)).guidance
  const usual = task.minutes === undefined ? Math.max(4, Math.round(task.steps / 6)) : 50
  return {
    folder: `${stemOf(task.out)}.samples`,
    prompts: samplePrompt,
    seed: sampleSeed,
    every: sampleEvery ?? usual,
    steps: sampleSteps,
    baseCfg: alone.cfg,
    ...stacked,
  }
}
