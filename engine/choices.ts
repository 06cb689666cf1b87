// Written by build/write-indexes.ts; do not edit. What a field of a request chooses from: a folder in which one file is one choice.
import type { Choice } from './requests/own-options.ts'
import { samplers } from './samplers/index.ts'
import { schedules } from './schedules/index.ts'
import { noiseSources } from './noise-sources/index.ts'
import { compositions } from './adapters/compositions/index.ts'
import { trainableVariants } from './adapters/variants/index.ts'
import { pairStarts } from './adapters/starts/index.ts'
import { weightCodecs } from './weights/index.ts'
import { methods } from './training/methods/index.ts'
import { optimizers } from './training/optimizers/index.ts'
import { losses } from './training/losses/index.ts'
import { objectives } from './training/objectives/index.ts'
import { maskSources } from './training/masks/index.ts'
import { lossWeights } from './training/loss-weights/index.ts'
import { courses } from './training/courses/index.ts'
import { timestepDraws } from './training/timestep-draws/index.ts'
import { preservations } from './training/preservations/index.ts'

export const choices: Readonly<Record<string, readonly Choice[]>> = {
  sampler: samplers,
  schedule: schedules,
  noiseSource: noiseSources,
  composition: compositions,
  variant: trainableVariants,
  start: pairStarts,
  baseWeights: weightCodecs,
  method: methods,
  optimizer: optimizers,
  loss: losses,
  objective: objectives,
  maskedLoss: maskSources,
  lossWeight: lossWeights,
  course: courses,
  timestepDraw: timestepDraws,
  preservation: preservations,
}
