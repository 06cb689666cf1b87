import { join } from 'node:path'
import { generateRequest } from '../../engine/requests/generate.ts'
import { trainRequest, type TrainRequest } from '../../engine/requests/train.ts'
import { generate } from '../../engine/generate.ts'
import { Model } from '../../engine/sessions/open-model.ts'
import { train } from '../../engine/train.ts'
import { embeddedPath, hasEmbedded } from '../../main/places/embedded.ts'
import { median, peakMemory, type Bench, type Figures } from './bench.ts'
import { threads } from './steps.ts'

const samples = join(import.meta.dirname, '../../assets/samples/black-ink')

export const embedded: Bench = {
  title: 'The embedded model',
  missing: () => (hasEmbedded() ? undefined : 'assets/models/pigment-small is not there yet.'),
  cases: {
    'LoRA step, rank 8, batch 4': (folder) => training(folder),
    'sampling step, guided, usual size': sampling,
  },
}

const open = (own = threads) => Model.open(embeddedPath, own ? { threads: own } : {})

export interface TrainingCase extends Partial<Pick<TrainRequest, 'batch' | 'steps' | 'rank' | 'members' | 'layers'>> {
  readonly threads?: number
}

/** The first step includes latents and text states of the whole sample set. */
export async function training(folder: string, { threads: own, ...given }: TrainingCase = {}): Promise<Figures> {
  const began = performance.now()
  await using model = await open(own)
  const usual = { dataset: samples, rank: 8, batch: 4, steps: 40, checkpointEvery: 0 }
  const request = trainRequest.parse({ ...usual, ...given, alpha: given.rank ?? usual.rank })
  return await times(began, train(model, request, { runFolder: join(folder, 'run') }))
}

async function sampling(): Promise<Figures> {
  const began = performance.now()
  await using model = await open()
  return await times(began, generate(model, generateRequest.parse({ prompt: 'a red apple', steps: 40 })))
}

async function times(began: number, events: AsyncIterable<{ readonly type: string }>): Promise<Figures> {
  let first: number | undefined
  let last = 0
  const steps: number[] = []
  for await (const { type } of events) {
    if (type !== 'step') continue
    const now = performance.now()
    if (first === undefined) first = now - began
    else steps.push(now - last)
    last = now
  }
  return { first: first ?? NaN, step: median(steps), peak: peakMemory() }
}
