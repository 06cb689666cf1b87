import { memoryVerdict as verdictOf } from '../../../engine/fitting-change.ts'
import { openCheckpoint } from '../../../engine/models/open-checkpoint.ts'
import type { ErrorRecord } from '../../../engine/requests/error.ts'
import type { MemoryRoom } from '../../../engine/runtime/memory-room.ts'
import type { MemoryOptions, MemoryRequest } from '../../../engine/training/training-memory.ts'

interface MemoryQuestion extends MemoryOptions {
  readonly path: string
  readonly request: MemoryRequest
  readonly room: MemoryRoom
}

export interface MemoryAnswer {
  /** What the run takes at most, as the engine reads it off the graph. */
  readonly bytes: number
  /** Less is free: with what change it would fit, and whether it cannot start without. */
  readonly problem?: ErrorRecord & { readonly stops: boolean }
}

/** What a training run takes, and what is to be done where that is not free. */
export async function memoryVerdict({ path, request, room, ...options }: MemoryQuestion): Promise<MemoryAnswer> {
  const { bytes, problem, stops } = verdictOf(await openCheckpoint(path), request, options, room)
  return { bytes, ...(problem ? { problem: { ...problem.record(), stops } } : {}) }
}
