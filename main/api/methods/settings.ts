// Settings of the studio, and the devices of the machine.
import { z } from 'zod'
import type { Reason } from '../../../engine/requests/reason.ts'
import { device } from '../command.ts'
import { path } from '../shapes.ts'
import { runPlaces } from './jobs.ts'

const withoutPassword = (address: string): boolean => !/^[a-z+]+:\/\/[^/]*:[^/]*@/i.test(address)

/** Version 1. Each field has a default, so that `{ version: 1 }` is whole. */
export const settings = z.strictObject({
  version: z.literal(1).default(1),
  language: z.enum(['system', 'en', 'zh']).default('system'),
  theme: z.enum(['system', 'light', 'dark', 'contrast']).default('system'),
  device: device.default('auto'),
  threads: z.int().min(0).max(1024).default(0),
  /** Whether an NVIDIA card may round the factors of fp32 products to ten bits. */
  tf32: z.boolean().default(true),
  exportFolder: path.nullable().default(null),
  /** Folders of captioners, beside those in the data folder. */
  captioners: z.array(path).max(50).default([]),
  notifications: z.boolean().default(true),
  /** Graphs of large checkpoints as the runtime optimised them, on the disk, and how much of it they may take. */
  keepOptimized: z.boolean().default(true),
  optimizedGigabytes: z.int().min(1).max(10_000).default(30),
  /** Where jobs go that other machines do. The password of the queue is kept apart. */
  queueAddress: z
    .string()
    .max(500)
    .refine(withoutPassword, 'A password does not belong into the settings: give it apart.')
    .nullable()
    .default(null),
  /** Where files travel to those machines: a folder that all of them see, or s3://bucket/folder. */
  queueStore: path.nullable().default(null),
  /** Where a training or a race is done that nobody says otherwise of. */
  runOn: z.enum(runPlaces).default('here'),
  checkForUpdates: z.boolean().default(false),
  stripMetadata: z.boolean().default(false),
  livePreview: z.boolean().default(true),
  /** How a picture of a small model is shown larger than it is. */
  scaling: z.enum(['smooth', 'pixels']).default('smooth'),
  thumbnailSide: z.int().min(64).max(512).default(180),
  /** Action → keys; only those that differ from the defaults. */
  shortcuts: z.record(z.string().max(60), z.string().max(60)).default({}),
  /** What the screens remember: the last form, open panels. Opaque to the host, 64 kB each. */
  remembered: z.record(z.string().max(60), z.string().max(65_536)).default({}),
  welcomed: z.boolean().default(false),
})
export type Settings = z.infer<typeof settings>

export interface DeviceReport {
  readonly device: string
  readonly title: string
  readonly works: boolean
  /** Why it is not used. */
  readonly reason: Reason | null
  /** Self-test: largest relative error against exact results; milliseconds of a fixed load. */
  readonly error: number | null
  readonly milliseconds: number | null
  readonly chosen: boolean
}
export interface Machine {
  readonly system: string
  readonly processor: string
  readonly cores: number
  readonly memoryBytes: number
  readonly freeMemoryBytes: number
  readonly diskFreeBytes: number
  readonly runtime: string
  readonly devices: readonly DeviceReport[]
}

/** Without the defaults: a field that is not given must stay as it is, and `partial` alone would fill it in. */
const { version: _version, ...fields } = settings.shape
type Change = Partial<Omit<Settings, 'version'>>
export const settingsChange = z.strictObject(
  Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.unwrap().optional()])),
) as unknown as z.ZodType<Change, Change>
