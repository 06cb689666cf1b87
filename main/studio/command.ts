// A command is one file below main/commands/ and called as it lies there: main/commands/datasets/set-caption.ts is `datasets.setCaption`, in the
// terminal, over HTTP and IPC, and for the screens. Its input is checked by schema wherever it comes from.
import type { z } from 'zod'
import type { EmittedRecord } from '../api/command.ts'
import type { EngineOperations } from '../operations/engine/index.ts'
import type { ToolOperations } from '../operations/tools/index.ts'
import type { Machinery } from '../operations/machinery.ts'
import type { Caller } from '../processes/caller.ts'
import type { Parts } from './parts.ts'

interface Told {
  /** One line for the list in the terminal's help, and its place there; without it a command is known by its name alone. */
  readonly summary?: string
  readonly order?: number
}

/** Done by the host, of what it is made of. */
interface HostDefinition<Input extends z.ZodType, Output> extends Told {
  readonly input: Input
  /** The field that stands without a flag in a terminal. */
  readonly positional?: string
  /** A terminal waits for the job that it began, without being told to. */
  readonly waits?: true
  run(studio: Parts, input: z.output<Input>): Output | Promise<Output>
}
export interface HostCommand<Input extends z.ZodType = z.ZodType, Output = unknown> extends HostDefinition<Input, Output> {
  readonly runs: 'host'
}

export interface Watching {
  readonly signal: AbortSignal
  readonly onEvent: (event: EmittedRecord) => void
}
/** Done by operations alone: of a worker process, or of a terminal's own process, where nothing of the studio is opened. */
interface WorkDefinition<Of, Input extends z.ZodObject, More, Output> extends Told {
  /** Every field carries a description; a default where it has one. */
  readonly input: Input
  /** The field that stands without a flag, e.g. `inspect FILE`; a list takes all that stand so. */
  readonly positional?: keyof z.input<Input> & string
  /** What the words of a terminal leave open, out of a file that they name: before they are checked. */
  readonly fill?: (
    given: Readonly<Record<string, unknown>>,
    tell: (record: EmittedRecord) => void,
  ) => Promise<Readonly<Record<string, unknown>>>
  run(process: Of, input: z.output<Input> & More, watching: Watching): Promise<Output>
}
export interface ToolsCommand<Input extends z.ZodObject = z.ZodObject, Output = unknown> extends WorkDefinition<
  Caller<ToolOperations>,
  Input,
  unknown,
  Output
> {
  readonly runs: 'tools'
}
export interface EngineCommand<Input extends z.ZodObject = z.ZodObject, Output = unknown> extends WorkDefinition<
  Caller<EngineOperations>,
  Input,
  Machinery,
  Output
> {
  readonly runs: 'engine'
  /** A terminal, which computes in its own process, gives it a process apart, that begins anew where it asks for that. */
  readonly apart?: true
}
export type Command = HostCommand | ToolsCommand | EngineCommand
/** By name. */
export type CommandMap = Readonly<Record<string, Command>>

export const hostCommand = <Input extends z.ZodType, Output>(definition: HostDefinition<Input, Output>): HostCommand<Input, Output> => ({
  runs: 'host',
  ...definition,
})
export const toolsCommand = <Input extends z.ZodObject, Output>(
  definition: WorkDefinition<Caller<ToolOperations>, Input, unknown, Output>,
): ToolsCommand<Input, Output> => ({ runs: 'tools', ...definition })
export const engineCommand = <Input extends z.ZodObject, Output>(
  definition: Omit<EngineCommand<Input, Output>, 'runs'>,
): EngineCommand<Input, Output> => ({ runs: 'engine', ...definition })
