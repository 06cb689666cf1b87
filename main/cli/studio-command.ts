import { z } from 'zod'
import { callStudio } from './call-studio.ts'
import { fromJson } from './studio-options.ts'
import { terminalCommand, type TerminalCommand } from './terminal-command.ts'

/** What the screens do, by these names: their list, and any of them with its input as JSON. */
export const studioCommand = (names: readonly string[]): TerminalCommand =>
  terminalCommand({
    name: 'studio',
    summary: 'List what the screens of the studio do: each is a command too, e.g. `datasets.list`, on the same data.',
    positional: 'method',
    input: z.object({
      method: z
        .string()
        .optional()
        .meta({ placeholder: 'METHOD', description: 'a method of the contract; without it, their names are listed' }),
      input: z.string().default('{}').meta({ placeholder: 'JSON', description: 'its input' }),
      wait: z.boolean().default(false).meta({ description: 'wait until the job that it put into the queue has ended' }),
    }),
    run: async (context, { method, input, wait }, signal) =>
      method === undefined ? { methods: names } : callStudio(context, method, fromJson(input, '--input'), wait, signal),
  })
