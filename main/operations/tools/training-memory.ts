import { openCheckpoint } from '../../../engine/models/open-checkpoint.ts'
import { trainingMemory as memoryOf, type MemoryOptions, type MemoryRequest } from '../../../engine/training/training-memory.ts'

interface MemoryQuestion extends MemoryOptions {
  readonly path: string
  readonly request: MemoryRequest
}

/** Bytes that a training run takes, as the engine reads them off the graph. */
export async function trainingMemory({ path, request, ...options }: MemoryQuestion): Promise<number> {
  return memoryOf(await openCheckpoint(path), request, options)
}
