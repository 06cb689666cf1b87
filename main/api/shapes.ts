// Shapes that many commands take and give.
import { z } from 'zod'

/** Names of things: made by the host, opaque to the renderer. */
export const id = z.string().regex(/^[\w-]{1,64}$/)
/** A path that a person typed or chose on the host's machine. */
export const path = z.string().min(1).max(4096)
/** Never on a command line, which everybody on the machine can read, nor in a log: a terminal reads it from PIGMENT_TOKEN or its standard input. */
export const secretText = z.string().min(1).max(1000)
export const none = z.strictObject({})
/** Chosen by the caller of a long command, so that its progress can be told (topic `task`) and it can be stopped. */
export const task = z
  .string()
  .regex(/^[\w-]{1,64}$/)
  .optional()
/** Where files come from: what was dropped or chosen in the renderer (see `Transport.drop`), or a path on the host. */
export const source = z.union([z.strictObject({ drop: id }), z.strictObject({ path })])
export const pageFields = { offset: z.int().min(0).default(0), limit: z.int().min(1).max(500).default(100) }

export interface Page<Item> {
  readonly total: number
  readonly offset: number
  readonly items: readonly Item[]
}
export interface Size {
  readonly width: number
  readonly height: number
}
/** Opaque name of a picture or file; `transport.media(id)` gives what `src` takes. */
export type MediaId = string
