// What a training does with less memory, step by step further: the ladder that it goes down where its device has not enough.
import type { TrainRequest } from './requests/train.ts'
import { trainingRules } from './training-rules.ts'
import { weightCodecs } from './weights/index.ts'

type Values = Partial<Pick<TrainRequest, 'recompute' | 'batch' | 'accumulation' | 'baseWeights'>>

export interface TakenRungs {
  /** Fields of the request with the values that they have from now on. */
  readonly values: Values
  /** The autoencoder works on parts. */
  readonly tiles: boolean
  /** Each with the last step that was taken before it, which is in the identity of the run: its bits depend on it. */
  readonly taken: readonly { readonly step: number; readonly takes: string }[]
}

export const noRungs: TakenRungs = { values: {}, tiles: false, taken: [] }

interface Rung {
  readonly takes: string
  /** Whether it spares something in the network of this graph. */
  readonly helps: (graph: string) => boolean
  /** Undefined where it is taken already. */
  readonly values: (request: TrainRequest, rungs: TakenRungs) => Values | undefined
  readonly tiles?: true
  /** The adapter comes out the same to the last bit. */
  readonly same: boolean
}

const ofStep = (graph: string): boolean => !graph.startsWith('vae')
const rungs: readonly Rung[] = [
  {
    takes: 'tiles',
    helps: (graph) => graph.startsWith('vae'),
    values: (_, { tiles }) => (tiles ? undefined : {}),
    tiles: true,
    same: false,
  },
  { takes: 'recompute', helps: ofStep, values: ({ recompute }) => (recompute ? undefined : { recompute: true }), same: false },
  { takes: 'batch', helps: ofStep, values: split, same: false },
  { takes: 'baseWeights', helps: ofStep, values: packed, same: false },
]

/** Micro-batches of the least smaller size, more of them: the same number of pictures a step, of which others are drawn together. */
function split({ batch, accumulation }: TrainRequest): Values | undefined {
  for (let part = 2; part <= batch; part++) if (batch % part === 0) return { batch: batch / part, accumulation: accumulation * part }
  return undefined
}

function packed({ baseWeights }: TrainRequest): Values | undefined {
  const codec = weightCodecs.find((one) => 'packing' in one)
  return codec && codec.name !== baseWeights ? { baseWeights: codec.name as TrainRequest['baseWeights'] } : undefined
}

/** The rungs with one more, after a want of memory in the network of this graph; undefined where there is none that goes with the request. */
export function nextRungs(
  before: TakenRungs,
  request: TrainRequest,
  { graph, step }: { readonly graph: string; readonly step: number },
): { readonly rungs: TakenRungs; readonly takes: string; readonly same: boolean } | undefined {
  for (const { takes, helps, values: valuesOf, tiles, same } of rungs) {
    const values = helps(graph) ? valuesOf(request, before) : undefined
    if (!values || !fits({ ...request, ...values })) continue
    const taken = [...before.taken, { step, takes }]
    return { rungs: { values: { ...before.values, ...values }, tiles: before.tiles || tiles === true, taken }, takes, same }
  }
  return undefined
}

function fits(request: TrainRequest): boolean {
  try {
    for (const rule of trainingRules) rule(request)
    return true
  } catch {
    return false
  }
}

/** What of a run's identity they change: checkpoints from before are of the same run. */
export const changedBy = ({ values, taken }: TakenRungs): ReadonlySet<string> =>
  new Set(taken.length > 0 ? [...Object.keys(values), 'memoryRungs'] : [])
