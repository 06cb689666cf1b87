import type { z } from 'zod'
import type { Device, EmittedRecord } from '../api/command.ts'

/** Where a command runs and what it tells. */
export interface TerminalContext {
  readonly device: Device
  /** Threads of the CPU provider; 0: its own choice. */
  readonly threads: number
  /** Whose workers are asked, and where files travel between here and them; this machine does it where no address is given. */
  readonly queue?: { readonly address?: string | undefined; readonly store?: string | undefined }
  readonly emit: (record: EmittedRecord) => void
}

/** A command as the terminal takes it. */
export interface TerminalCommand<Input extends z.ZodObject = z.ZodObject, Output = unknown> {
  readonly name: string
  /** One line for a list of commands. */
  readonly summary: string
  /** Not in the list of commands. */
  readonly hidden?: boolean
  /** Every field carries a description; a default where it has one. */
  readonly input: Input
  /** The field that stands without a flag, e.g. `inspect FILE`; a list takes all that stand so. */
  readonly positional?: keyof z.input<Input> & string
  /** What its words leave open, out of a file that they name: before they are checked. */
  readonly fill?: (given: Readonly<Record<string, unknown>>, tell: TerminalContext['emit']) => Promise<Readonly<Record<string, unknown>>>
  run(context: TerminalContext, input: z.output<Input>, signal: AbortSignal): Promise<Output>
}

/** Fixes the types of a command from its schema. */
export const terminalCommand = <Input extends z.ZodObject, Output>(
  command: TerminalCommand<Input, Output>,
): TerminalCommand<Input, Output> => command
