// The one gate of every shell: the command must exist, its input must fit the schema, and whatever happens becomes a reply.
import type { z } from 'zod'
import { errorRecord, PigmentError } from '../../engine/requests/error.ts'
import type { Misfit } from '../../engine/requests/bounds.ts'
import type { Reply } from '../api/transport.ts'
import type { Answer } from './answers.ts'
import { boundsAt, takes } from '../../engine/requests/fields.ts'

export type Invoke = (method: string, input: unknown) => Promise<Reply>

export function dispatcher(
  answers: ReadonlyMap<string, Answer>,
  report: (error: unknown, method: string) => void = () => undefined,
): Invoke {
  return async (method, input) => {
    try {
      const known = answers.get(method)
      if (!known) throw new PigmentError('method-unknown', `There is no method "${String(method).slice(0, 100)}". Reload the page.`, {})
      const parsed = known.input.safeParse(input ?? {})
      if (!parsed.success) throw inputError(method, known.input, parsed.error)
      return { ok: true, value: (await known.run(parsed.data)) ?? null }
    } catch (error) {
      const record = errorRecord(error)
      if (record.code === 'unexpected') report(error, method)
      // A stack holds paths of this machine; it goes to the log and not across the border.
      const { stack: _stack, ...facts } = record.facts
      return { ok: false, error: { ...record, facts: plain(facts) } }
    }
  }
}

/** Says which fields do not fit and what they take; `misfits` are the same as data, for the words of a screen. */
function inputError(method: string, schema: z.ZodType, { issues }: z.ZodError): PigmentError {
  const misfits = issues.slice(0, 10).flatMap(({ path }): Misfit[] => {
    const bounds = boundsAt(schema, path)
    return bounds && path.length > 0 ? [{ field: path.join('.'), bounds }] : []
  })
  const told = issues.slice(0, 10).map(({ path, message }) => {
    const bounds = misfits.find(({ field }) => field === path.join('.'))?.bounds
    return [...(path.length > 0 ? [path.join('.')] : []), bounds ? takes(bounds) : message].join(': ')
  })
  return new PigmentError('input-invalid', `This does not fit. ${told.join('; ')}.`, { method, misfits })
}

/** Facts as every border can carry them. */
function plain(facts: Record<string, unknown>): Record<string, unknown> {
  try {
    return JSON.parse(JSON.stringify(facts)) as Record<string, unknown>
  } catch {
    return {}
  }
}
