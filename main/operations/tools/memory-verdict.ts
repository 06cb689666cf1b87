import type { Checkpoint } from '../../../engine/checkpoint/config.ts'
import { memoryVerdict as verdictOf } from '../../../engine/fitting-change.ts'
import { chosenPrecision, type PrecisionFacts } from '../../../engine/sessions/chosen-precision.ts'
import { openCheckpoint } from '../../../engine/models/open-checkpoint.ts'
import type { ErrorRecord } from '../../../engine/requests/error.ts'
import type { MemoryRoom } from '../../../engine/runtime/memory-room.ts'
import { deviceMemory } from '../../../engine/training/device-memory.ts'
import type { AskedPrecision } from '../../../engine/requests/compute-precision.ts'
import type { MemoryOptions, MemoryRequest } from '../../../engine/training/training-memory.ts'

interface MemoryQuestion extends MemoryOptions {
  readonly path: string
  readonly request: MemoryRequest & { readonly computePrecision?: AskedPrecision }
  readonly room: MemoryRoom
  /** Where it is computed, if not on the CPU. */
  readonly card?: PrecisionFacts | undefined
}

export interface MemoryAnswer {
  /** What it takes of the card that it is computed on, read off the graph in the precision of that; what the card has free is not known. */
  readonly cardBytes?: number
  /** What the run takes at most, as the engine reads it off the graph. */
  readonly bytes: number
  /** Less is free: with what change it would fit, and whether it cannot start without. */
  readonly problem?: ErrorRecord & { readonly stops: boolean }
}

/** What a training run takes, and what is to be done where that is not free. */
export async function memoryVerdict({ path, request, room, card, ...options }: MemoryQuestion): Promise<MemoryAnswer> {
  const checkpoint = await openCheckpoint(path)
  const { bytes, problem, stops } = verdictOf(checkpoint, request, options, room)
  return {
    bytes,
    ...(problem ? { problem: { ...problem.record(), stops } } : {}),
    ...(card && card.provider !== 'cpu' ? { cardBytes: ofCard(checkpoint, request, options.side, card) } : {}),
  }
}

function ofCard(checkpoint: Checkpoint, request: MemoryQuestion['request'], side: number, card: PrecisionFacts): number {
  return deviceMemory(checkpoint, request, { side, precision: chosenPrecision(request.computePrecision ?? 'auto', checkpoint, card) })
}
