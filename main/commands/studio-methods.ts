// Everything that the screens do, as commands: `pigment datasets.items --dataset …`. Each draws its options from the method's schema.
import { resolve } from 'node:path'
import { z } from 'zod'
import { PigmentError } from '../../engine/requests/error.ts'
import type { Command, CommandContext, EmittedRecord } from '../api/command.ts'
import { path, source, type Method } from '../api/method.ts'
import { studio as contract } from '../api/studio.ts'

/** Names that mean something on every command line. */
const taken = new Set(['version', 'device', 'threads', 'json', 'help', 'input', 'wait'])
const flagOf = (key: string): string => (taken.has(key) ? `the-${key}` : key)

function commandOf(method: string, schema: z.ZodType): Command {
  const fields = schema instanceof z.ZodObject ? Object.entries(schema.shape as Record<string, z.ZodType>) : []
  const options = Object.fromEntries(fields.map(([key, field]) => [flagOf(key), optionOf(field)]))
  return {
    name: method,
    summary: `As the screens of the studio do it: ${method}.`,
    hidden: true,
    input: z.object({
      ...options,
      input: z.string().optional().meta({ placeholder: 'JSON', description: 'the whole input; options win over its fields' }),
      wait: z.boolean().default(false).meta({ description: 'wait until the job that it put into the queue has ended' }),
    }),
    run(context, given, signal) {
      const { input: text, wait, ...options } = given as { input?: string; wait: boolean; [flag: string]: unknown }
      const values = fields.flatMap(([key]) => (options[flagOf(key)] === undefined ? [] : [[key, options[flagOf(key)]] as const]))
      const whole = { ...(fromJson(text ?? '{}', '--input') as object), ...Object.fromEntries(values) }
      return callStudio(context, method, whole, wait, signal)
    },
  }
}

interface JobNews {
  readonly id: string
  readonly event: EmittedRecord
}

/** Asks the studio; with `wait`, tells what the job that it began reports, and gives the job at its end. */
export async function callStudio(
  context: CommandContext,
  method: string,
  input: unknown,
  wait: boolean,
  signal: AbortSignal,
): Promise<unknown> {
  const { reachStudio } = await import('./reach-studio.ts')
  const studio = await reachStudio({ idle: !wait })
  try {
    let own: string | undefined
    const early: JobNews[] = []
    const ended = new Map<string, unknown>()
    const tell = ({ id, event }: JobNews): void => void (id === own && context.emit(event))
    studio.listen(({ topic, payload }) => {
      if (topic === 'job' && own === undefined) early.push(payload as JobNews)
      else if (topic === 'job') tell(payload as JobNews)
      const job = topic === 'jobs' ? (payload as { job: { id: string; state: string } }).job : undefined
      if (job && !['queued', 'running', 'pausing', 'cancelling'].includes(job.state)) ended.set(job.id, job)
    })
    const value = await studio.invoke(method, input)
    own = (value as { id?: string } | null)?.id
    if (!wait || own === undefined) return value
    early.forEach(tell)
    while (!ended.has(own) && !signal.aborted) await new Promise((done) => setTimeout(done, 100))
    return ended.get(own) ?? value
  } finally {
    await studio.close()
  }
}

/** One field on the command line. The gate of the studio checks it again, by the whole schema. */
function optionOf(field: z.ZodType): z.ZodType {
  const inner = innermost(field)
  const placeholder = (name: string) => ({ placeholder: name, description: '' })
  if (inner === path) return z.string().transform(absolute).optional().meta(placeholder('PATH'))
  if (inner === source)
    return z
      .string()
      .transform((text) => (text.startsWith('{') ? fromJson(text, '--from') : { path: resolve(text) }))
      .optional()
      .meta(placeholder('PATH'))
  if (inner instanceof z.ZodNumber) return z.number().optional()
  if (inner instanceof z.ZodEnum) return inner.optional().meta({ description: '' })
  if (inner instanceof z.ZodString) return z.string().optional()
  if (inner instanceof z.ZodArray && innermost(inner.element as z.ZodType) instanceof z.ZodString) return z.array(z.string()).optional()
  if (inner instanceof z.ZodArray && innermost(inner.element as z.ZodType) instanceof z.ZodEnum) return z.array(z.string()).optional()
  if (inner instanceof z.ZodBoolean)
    return z
      .enum(['true', 'false'])
      .transform((text) => text === 'true')
      .optional()
      .meta(placeholder('true|false'))
  return z
    .string()
    .transform((text) => fromJson(text, 'an option'))
    .optional()
    .meta(placeholder('JSON'))
}

function innermost(field: z.ZodType): z.ZodType {
  if (field instanceof z.ZodDefault || field instanceof z.ZodPrefault || field instanceof z.ZodOptional || field instanceof z.ZodNullable)
    return innermost(field.def.innerType as z.ZodType)
  return field
}

const absolute = (text: string): string => resolve(text)

export function fromJson(text: string, option: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new PigmentError(
      'usage',
      `${option} is not JSON: ${cause instanceof Error ? cause.message : ''}. Write e.g. '{"dataset":"…"}'.`,
      {},
      cause,
    )
  }
}

/** One a method of the contract, in its order. */
export const studioMethods: readonly Command[] = Object.entries(contract).flatMap(([group, own]) =>
  Object.entries(own as Readonly<Record<string, Method>>).map(([name, { input }]) => commandOf(`${group}.${name}`, input)),
)
