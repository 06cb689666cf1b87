// How each command is answered by the host: by itself, or by the process that does it, under the caller's name for the task.
import { z } from 'zod'
import { task } from '../api/shapes.ts'
import { optimizedPlace } from '../stores/optimized-place.ts'
import type { CommandMap, EngineCommand, ToolsCommand } from '../studio/command.ts'
import type { Parts } from '../studio/parts.ts'

export interface Answer {
  readonly input: z.ZodType
  run(input: unknown): unknown
}

/** By the names of the commands. */
export function answersOf(commands: CommandMap, parts: Parts): ReadonlyMap<string, Answer> {
  return new Map(
    Object.entries(commands).map(([name, command]) => [
      name,
      command.runs === 'host' ? { input: command.input, run: (input) => command.run(parts, input) } : byProcess(name, command, parts),
    ]),
  )
}

const watching = z.looseObject({ task })

/** What it tells of its steps is progress of the task; the rest of its news is for a terminal. */
function byProcess(
  name: string,
  command: ToolsCommand | EngineCommand,
  { tasks, tools, engine, devices, settings, places }: Parts,
): Answer {
  return {
    // The terminal knows its flags; a name that is none of the fields is refused here, and so is a file that fills a command line.
    input: withoutFilling(command).extend({ task }).strict(),
    run(given) {
      const { task: watched, ...asked } = watching.parse(given)
      return tasks.run(watched, async ({ signal, progress }) => {
        const onEvent = ({ step, steps }: Readonly<Record<string, unknown>>): void => {
          if (typeof step === 'number' && typeof steps === 'number') progress(step, steps, name)
        }
        if (command.runs === 'tools') return command.run(tools, asked, { signal, onEvent })
        const { device, threads } = settings.value
        return command.run(
          engine,
          { ...asked, device: await devices.choose(device), threads, optimized: optimizedPlace(places.root, settings.value) },
          { signal, onEvent },
        )
      })
    },
  }
}

function withoutFilling({ input, fill, positional }: ToolsCommand | EngineCommand): z.ZodObject {
  if (!fill) return input
  return z.object(Object.fromEntries(Object.entries(input.shape).filter(([key]) => key !== positional)) as z.ZodRawShape)
}
