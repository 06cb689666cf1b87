// Commands that the studio does: `pigment datasets.items --dataset …`. Each draws its options from its schema.
import { text as textOf } from 'node:stream/consumers'
import { z } from 'zod'
import { PigmentError } from '../../engine/requests/error.ts'
import { secretText } from '../api/shapes.ts'
import type { HostCommand } from '../studio/command.ts'
import { callStudio } from './call-studio.ts'
import { fromJson, studioOption } from './studio-options.ts'
import type { TerminalCommand } from './terminal-command.ts'

/** Names that mean something on every command line. */
const taken = new Set(['version', 'device', 'threads', 'json', 'help', 'input', 'wait'])
const flagOf = (key: string): string => (taken.has(key) ? `the-${key}` : key)

export function askedOfStudio(name: string, command: HostCommand): Pick<TerminalCommand, 'input' | 'positional' | 'run'> {
  const { input: schema, positional, summary, waits } = command
  const all = schema instanceof z.ZodObject ? Object.entries(schema.shape as Record<string, z.ZodType>) : []
  const secrets = all.flatMap(([key, field]) => (field === secretText ? [key] : []))
  const fields = all.filter(([key]) => !secrets.includes(key))
  // One that is listed in the help was written for a terminal, and says of each field what it is.
  const options = Object.fromEntries(fields.map(([key, field]) => [flagOf(key), summary === undefined ? studioOption(field) : field]))
  return {
    ...(positional === undefined ? {} : { positional }),
    input: z.object({
      ...options,
      input: z.string().optional().meta({ placeholder: 'JSON', description: 'the whole input; options win over its fields' }),
      ...(waits
        ? {}
        : { wait: z.boolean().default(false).meta({ description: 'wait until the job that it put into the queue has ended' }) }),
    }),
    async run(context, given, signal) {
      const { input: text, wait = waits ?? false, ...flags } = given as { input?: string; wait?: boolean; [flag: string]: unknown }
      const values = fields.flatMap(([key]) => (flags[flagOf(key)] === undefined ? [] : [[key, flags[flagOf(key)]] as const]))
      const said = fromJson(text ?? '{}', '--input') as Readonly<Record<string, unknown>>
      for (const key of secrets) {
        if (key in said)
          throw new PigmentError(
            'usage',
            `"${key}" is secret, and a command line can be read by everybody on the machine. Give it in PIGMENT_TOKEN, or on the standard input.`,
            { option: key },
          )
        values.push([key, await secretOf(process.env)])
      }
      return callStudio(context, name, { ...said, ...Object.fromEntries(values) }, wait, signal)
    },
  }
}

/** From the environment, else from a file or pipe on the standard input. */
const secretOf = async (environment: NodeJS.ProcessEnv): Promise<string> =>
  (environment.PIGMENT_TOKEN ?? (await textOf(process.stdin))).trim()
