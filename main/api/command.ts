// What commands are told and what they tell, whatever shell asked for them.
import { z } from 'zod'
import type { ComputePrecision } from '../../engine/requests/compute-precision.ts'
import type { Reason } from '../../engine/requests/reason.ts'

/** Where to compute. `auto` takes the fastest provider that passes its self-test. */
export const device = z.enum(['auto', 'cpu', 'cuda', 'dml', 'coreml', 'webgpu'])
export type Device = z.infer<typeof device>

/** One thing that happened: plain data with a `type`. Progress, warnings, the result and the error all travel as records. */
export interface EmittedRecord {
  readonly type: string
  readonly [field: string]: unknown
}

/** A device that proved itself, and those that were passed over for it. */
export interface ChosenDevice {
  readonly provider: Exclude<Device, 'auto'>
  readonly skipped: readonly { readonly provider: Device; readonly reason?: Reason; readonly broken?: boolean }[]
  /** What it computes rightly beside fp32. */
  readonly precisions?: readonly ComputePrecision[]
}
