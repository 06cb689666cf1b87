import { moduleShapes } from '../../../engine/adapter-formats/read.ts'
import { familyCalled } from '../../../engine/models/family-called.ts'
import { openCheckpoint } from '../../../engine/models/open-checkpoint.ts'
import type { TrainRequest } from '../../../engine/requests/train.ts'

export interface AdaptedSizes {
  /** Weights of rank 1: inputs, times the window, + outputs. */
  readonly sum: number
  readonly layers: number
}

/** Over the layers that training adapts. */
export async function adaptedSizes({ path, layers }: { path: string; layers: TrainRequest['layers'] }): Promise<AdaptedSizes> {
  const { family, shapes } = moduleShapes(await openCheckpoint(path))
  const targets = familyCalled(family).targets[layers]
  const adapted = [...shapes].filter(([key]) => key.startsWith('unet.') && targets.test(key))
  const ofRankOne = ([outputs = 0, ...inputs]: readonly number[]): number => outputs + inputs.reduce((a, b) => a * b, 1)
  return { sum: adapted.reduce((sum, [, shape]) => sum + ofRankOne(shape), 0), layers: adapted.length }
}
