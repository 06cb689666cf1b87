// Whether a training run fits into memory, and if not, the least change of its settings by which it does.
import type { Checkpoint } from './checkpoint/config.ts'
import { PigmentError } from './requests/error.ts'
import type { TrainRequest } from './requests/train.ts'
import type { MemoryRoom } from './runtime/memory-room.ts'
import { optimizers } from './training/optimizers/index.ts'
import { trainingMemory, type MemoryOptions, type MemoryRequest } from './training/training-memory.ts'
import { trainingRules } from './training-rules.ts'
import { weightCodecs } from './weights/index.ts'

type Values = Partial<TrainRequest>
export interface FittingChange {
  /** Fields of the request with their new values. */
  readonly values: Readonly<Values>
  /** Bytes that the run then takes. */
  readonly bytes: number
}

/** The forecast is off by so much at most: a run is refused only where it cannot fit for all that. */
const off = 1.15

/** What a setting becomes, step by step further; empty where there is nothing to change. */
type Change = (request: MemoryRequest, side: number) => readonly Values[]

/** In order of what they cost: first time alone, then closeness to the model, then detail, at last what can be learnt. */
const changes: readonly Change[] = [
  ({ recompute }) => (recompute ? [] : [{ recompute: true }]),
  ({ batch, accumulation = 1 }) => divisors(batch).map((part) => ({ batch: batch / part, accumulation: accumulation * part })),
  ({ members }) => (members > 1 ? [{ members: 1 }] : []),
  ({ optimizer }) =>
    optimizers
      .filter(({ spares }) => spares?.of === optimizer)
      .sort((a, b) => Number(b.spares?.same) - Number(a.spares?.same))
      .map(({ name }) => ({ optimizer: name as TrainRequest['optimizer'] })),
  ({ baseWeights }) =>
    weightCodecs
      .filter((codec) => codec.packing && codec.name !== baseWeights)
      .map(({ name }) => ({ baseWeights: name as TrainRequest['baseWeights'] })),
  (_, side) =>
    [0.75, 0.5]
      .map((share) => ({ resolution: Math.max(64, Math.round((side * share) / 64) * 64) }))
      .filter(({ resolution }) => resolution < side),
  ({ rank, alpha }) => [2, 4, 8].flatMap((part) => (rank % part === 0 ? { rank: rank / part, alpha: alpha / part } : [])),
]

/** Above 1, ascending. */
const divisors = (n: number): number[] => Array.from({ length: n - 1 }, (_, i) => i + 2).filter((part) => n % part === 0)

/** The first that is enough, each by itself and on top of those before it. Undefined where nothing is. */
export function fittingChange(
  checkpoint: Checkpoint,
  request: MemoryRequest,
  options: MemoryOptions,
  free: number,
): FittingChange | undefined {
  const bytesWith = (values: Values): number | undefined => {
    const changed = { ...request, ...values }
    try {
      for (const rule of trainingRules) rule(changed as TrainRequest)
      return trainingMemory(checkpoint, changed, { ...options, side: values.resolution ?? options.side })
    } catch {
      // It does not go with the rest of the request.
      return undefined
    }
  }
  let before: Values = {}
  for (const change of changes) {
    const possible = change(request, options.side).filter((values) => bytesWith(values) !== undefined)
    // By itself, then on top of all that costs less.
    for (const values of [...possible, ...possible.map((values) => ({ ...before, ...values }))]) {
      const bytes = bytesWith(values)
      if (bytes !== undefined && bytes <= free) return { values, bytes }
    }
    before = { ...before, ...possible.at(-1) }
  }
  return undefined
}

export interface MemoryVerdict {
  readonly bytes: number
  /** `memory-short` where less is free; `stops` where it cannot fit. */
  readonly problem?: PigmentError
  readonly stops: boolean
}

/** What a run takes and whether there is room for it, of memory that is the process's own already too (`taken`). */
export function memoryVerdict(
  checkpoint: Checkpoint,
  request: MemoryRequest,
  options: MemoryOptions,
  { free, total, sure }: MemoryRoom,
  taken = 0,
): MemoryVerdict {
  const bytes = trainingMemory(checkpoint, request, options)
  const room = Math.min(total, free + taken)
  if (bytes <= room) return { bytes, stops: false }
  const change = fittingChange(checkpoint, request, options, room)
  const problem = new PigmentError(
    'memory-short',
    `This run takes about ${inGB(bytes)} of memory, and ${inGB(room)} are free. ${change ? `It fits with ${toldOf(change.values)}: about ${inGB(change.bytes)}.` : 'No change of its settings makes it fit: close other programs, or choose a smaller model.'}`,
    {
      need: bytes,
      free: room,
      needed: inGB(bytes),
      room: inGB(room),
      ...(change ? { change: change.values, changed: toldOf(change.values), changedBytes: change.bytes, after: inGB(change.bytes) } : {}),
    },
  )
  return { bytes, problem, stops: bytes > off * (sure ? room : total) }
}

const inGB = (bytes: number): string => `${(bytes / 1e9).toFixed(bytes < 1e10 ? 1 : 0)} GB`
const toldOf = (values: Values): string =>
  Object.entries(values)
    .map(([field, value]) => `${field} ${JSON.stringify(value).replaceAll('"', '')}`)
    .join(', ')
