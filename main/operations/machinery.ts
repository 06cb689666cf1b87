import type { ChosenDevice, Device } from '../api/command.ts'
import type { ModelEvent } from './events.ts'

/** On what an operation computes: a device to try, or one that proved itself already. */
export interface Machinery {
  readonly device: Device | ChosenDevice
  /** 0: the runtime's own choice. */
  readonly threads: number
}

/** Where a model is opened, and who is told of it. */
export interface Computing extends Machinery {
  readonly emit: (event: ModelEvent) => void
}
