import type { OptimizedModelsPlace } from '../../engine/runtime/optimized-models.ts'
import type { ChosenDevice, Device } from '../api/command.ts'
import type { ModelEvent } from './events.ts'

/** On what an operation computes: a device to try, or one that proved itself already. */
export interface Machinery {
  readonly device: Device | ChosenDevice
  /** 0: the runtime's own choice. */
  readonly threads: number
  /** Where graphs are kept as the runtime optimised them; absent: nowhere. */
  readonly optimized?: OptimizedModelsPlace | undefined
}

/** Where a model is opened, and who is told of it. */
export interface Computing extends Machinery {
  readonly emit: (event: ModelEvent) => void
}
