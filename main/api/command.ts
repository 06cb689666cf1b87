// A command is what every shell can ask for: the terminal, the loopback server and the window draw their forms from its schema.
import { z } from 'zod'
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
}

export interface CommandContext {
  readonly device: Device
  /** Threads of the CPU provider; 0: its own choice. */
  readonly threads: number
  readonly emit: (record: EmittedRecord) => void
}

export interface Command<Input extends z.ZodObject = z.ZodObject, Output = unknown> {
  readonly name: string
  /** One line for a list of commands. */
  readonly summary: string
  /** Not in the list of commands. */
  readonly hidden?: boolean
  /** Every field carries a description; a default where it has one. */
  readonly input: Input
  /** The field that stands without a flag, e.g. `inspect FILE`. */
  readonly positional?: keyof z.input<Input> & string
  run(context: CommandContext, input: z.output<Input>, signal: AbortSignal): Promise<Output>
}

/** Fixes the types of a command from its schema. */
export function command<Input extends z.ZodObject, Output>(definition: Command<Input, Output>): Command<Input, Output> {
  return definition
}

/**
 * What a field is for, how its value is called in help (`FILE`, `DIR`, `N`), and what help says of its default where the schema has none because
 * the command finds it out.
 */
export type FieldWords = string | readonly [placeholder: string, description: string, fallback?: string | number]

/** The schema with a description on every field; a field without words does not compile. */
export function described<Shape extends Record<string, z.ZodType>>(
  schema: z.ZodObject<Shape>,
  words: Readonly<Record<keyof Shape & string, FieldWords>>,
): z.ZodObject<Shape> {
  const fields = Object.entries(schema.shape).map(([key, field]) => {
    const given = words[key as keyof Shape & string]
    const [placeholder, description, fallback] = typeof given === 'string' ? [undefined, given] : given
    return [key, field.meta({ description, placeholder, ...(fallback === undefined ? {} : { fallback }) })]
  })
  // The fields are the same but for their words.
  return z.object(Object.fromEntries(fields) as Shape)
}
