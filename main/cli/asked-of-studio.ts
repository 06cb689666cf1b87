// Commands that the studio does: `pigment datasets.items --dataset …`. Each draws its options from its schema.
import { z } from 'zod'
import type { HostCommand } from '../studio/command.ts'
import { callStudio } from './call-studio.ts'
import { fromJson, studioOption } from './studio-options.ts'
import type { TerminalCommand } from './terminal-command.ts'

/** Names that mean something on every command line. */
const taken = new Set(['version', 'device', 'threads', 'json', 'help', 'input', 'wait'])
const flagOf = (key: string): string => (taken.has(key) ? `the-${key}` : key)

export function askedOfStudio(name: string, { input: schema }: HostCommand): Pick<TerminalCommand, 'input' | 'run'> {
  const fields = schema instanceof z.ZodObject ? Object.entries(schema.shape as Record<string, z.ZodType>) : []
  const options = Object.fromEntries(fields.map(([key, field]) => [flagOf(key), studioOption(field)]))
  return {
    input: z.object({
      ...options,
      input: z.string().optional().meta({ placeholder: 'JSON', description: 'the whole input; options win over its fields' }),
      wait: z.boolean().default(false).meta({ description: 'wait until the job that it put into the queue has ended' }),
    }),
    run(context, given, signal) {
      const { input: text, wait, ...flags } = given as { input?: string; wait: boolean; [flag: string]: unknown }
      const values = fields.flatMap(([key]) => (flags[flagOf(key)] === undefined ? [] : [[key, flags[flagOf(key)]] as const]))
      const whole = { ...(fromJson(text ?? '{}', '--input') as object), ...Object.fromEntries(values) }
      return callStudio(context, name, whole, wait, signal)
    },
  }
}
