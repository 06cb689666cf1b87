// Commands whose operations the terminal does in its own process: no studio is opened, and none is asked.
import type { z } from 'zod'
import type { EngineOperations } from '../operations/engine/index.ts'
import type { ToolOperations } from '../operations/tools/index.ts'
import { callsHere } from '../processes/caller.ts'
import type { EngineCommand, ToolsCommand } from '../studio/command.ts'
import type { TerminalCommand } from './terminal-command.ts'

// Loaded when they are needed, so that a broken library cannot take the help with it.
const tools = callsHere<ToolOperations>(async () => (await import('../operations/tools/index.ts')).toolOperations)
const engine = callsHere<EngineOperations>(async () => (await import('../operations/engine/index.ts')).engineOperations)

export function doneHere<Input extends z.ZodObject, Output>(
  command: ToolsCommand<Input, Output> | EngineCommand<Input, Output>,
): Pick<TerminalCommand<Input, Output>, 'input' | 'positional' | 'run'> {
  const { input, positional } = command
  return {
    input,
    ...(positional === undefined ? {} : { positional }),
    run({ device, threads, emit }, given, signal) {
      const watching = { signal, onEvent: emit }
      return command.runs === 'tools' ? command.run(tools, given, watching) : command.run(engine, { ...given, device, threads }, watching)
    },
  }
}
