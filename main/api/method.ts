// A method is one question the studio can ask its host. Its input is checked by schema on the host's side of every border.
import { z } from 'zod'

export interface Method<Input extends z.ZodType = z.ZodType, Output = unknown> {
  readonly input: Input
  /** Only a type: results come from our own side and are not checked again. */
  readonly output?: Output
}
export type MethodGroup = Readonly<Record<string, Method>>

/** `method<Output>()(input schema)`: the output is named, the input inferred. */
export function method<Output>() {
  return <Input extends z.ZodType>(input: Input): Method<Input, Output> => ({ input })
}

export type InputOf<M> = M extends Method<infer Input, unknown> ? z.input<Input> : never
export type ParsedInputOf<M> = M extends Method<infer Input, unknown> ? z.output<Input> : never
export type OutputOf<M> = M extends Method<z.ZodType, infer Output> ? Output : never

/** Names of things: made by the host, opaque to the renderer. */
export const id = z.string().regex(/^[\w-]{1,64}$/)
/** A path that a person typed or chose on the host's machine. */
export const path = z.string().min(1).max(4096)
export const none = z.strictObject({})
/** Chosen by the caller of a long method, so that its progress can be told (topic `task`) and it can be stopped. */
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
