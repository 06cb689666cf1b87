import { moduleShapes } from '../../engine/adapter-formats/read.ts'
import { openCheckpoint } from '../../engine/models/open-checkpoint.ts'
import { familyCalled } from '../../engine/models/family-called.ts'
import { trainingMemory, type MemoryOptions, type MemoryRequest } from '../../engine/training/training-memory.ts'
import type { TrainRequest } from '../../engine/requests/train.ts'
import { describeMachine } from './doctor.ts'
import { inspect } from './inspect.ts'
import { kindWords } from './inspect/subject.ts'
import { PigmentError } from '../../engine/requests/error.ts'
import type { Reason } from '../../engine/requests/reason.ts'
import type { ModelFacts } from './calls.ts'
import type { CallContext } from '../processes/serve-calls.ts'

export interface MemoryQuestion extends MemoryOptions {
  readonly path: string
  readonly request: MemoryRequest
}

interface NetworkFacts {
  readonly network: string
  readonly parameters: number
}

export const modelTools = {
  /** Weights of rank 1 over the layers that training adapts (inputs, times the window, + outputs), and their number. */
  async adaptedSizes({ path, layers }: { path: string; layers: TrainRequest['layers'] }): Promise<{ sum: number; layers: number }> {
    const { family, shapes } = moduleShapes(await openCheckpoint(path))
    const targets = familyCalled(family).targets[layers]
    const adapted = [...shapes].filter(([key]) => key.startsWith('unet.') && targets.test(key))
    const ofRankOne = ([outputs = 0, ...inputs]: readonly number[]): number => outputs + inputs.reduce((a, b) => a * b, 1)
    return { sum: adapted.reduce((sum, [, shape]) => sum + ofRankOne(shape), 0), layers: adapted.length }
  },

  /** What a training run takes in memory, as the engine reads it off the graph. */
  async trainingMemory({ path, request, ...options }: MemoryQuestion): Promise<number> {
    return trainingMemory(await openCheckpoint(path), request, options)
  },

  machine: ({ folder }: { folder: string }) => describeMachine(folder),

  /** Reads headers only. Throws the engine's reason for refusing. */
  async inspectModel({ path }: { path: string }, { signal }: CallContext): Promise<ModelFacts> {
    const found = (await inspect.run({ device: 'cpu', emit: () => undefined }, { file: path }, signal).catch(async (error: unknown) => {
      // A folder that is nothing known: what is missing for a model says more than what is missing for each kind of thing.
      if (error instanceof PigmentError && error.code === 'file-unknown') await openCheckpoint(path)
      throw error
    })) as Record<string, unknown>
    if (found.kind !== 'checkpoint')
      throw new PigmentError('checkpoint-unknown', `"${path}" is ${kindWords(found.kind)}, not a model. Choose a checkpoint.`, {
        path,
        kind: String(found.kind),
      })
    const networks = found.networks as NetworkFacts[]
    return {
      name: String(found.name),
      family: String(found.family),
      layout: String(found.layout),
      prediction: String(found.prediction),
      bytes: Number(found.storedBytes),
      parameters: Number(found.parameters),
      unetParameters: networks.find(({ network }) => network === 'unet')?.parameters ?? 0,
      side: Number(found.usualSide),
      step: Number(found.sideStep),
      evidence: found.evidence as Reason[],
    }
  },
}
