// The one gate of every shell: the method must exist, its input must fit the schema, and whatever happens becomes a reply.
import { z } from 'zod'
import { errorRecord, PigmentError } from '../../engine/spec/error.ts'
import type { Method } from '../api/method.ts'
import { studio } from '../api/studio.ts'
import type { Reply } from '../api/transport.ts'
import type { AllHandlers } from './handlers.ts'

export type Invoke = (method: string, input: unknown) => Promise<Reply>

export function dispatcher(handlers: AllHandlers, report: (error: unknown, method: string) => void = () => undefined): Invoke {
  const methods = new Map<string, { schema: z.ZodType; run: (input: unknown) => unknown }>()
  for (const [group, names] of Object.entries(studio))
    for (const [name, { input }] of Object.entries(names as Record<string, Method>)) {
      const own = handlers[group as keyof AllHandlers] as Record<string, (input: unknown) => unknown>
      methods.set(`${group}.${name}`, { schema: input, run: (given) => own[name]?.(given) })
    }

  return async (method, input) => {
    try {
      const known = methods.get(method)
      if (!known) throw new PigmentError('method-unknown', `There is no method "${String(method).slice(0, 100)}". Reload the page.`, {})
      const parsed = known.schema.safeParse(input ?? {})
      if (!parsed.success) throw inputError(method, parsed.error)
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

function inputError(method: string, error: z.ZodError): PigmentError {
  const issues = error.issues.slice(0, 10).map(({ path, message }) => ({ field: path.join('.'), message }))
  const [first] = issues
  const where = first?.field ? ` "${first.field}"` : ''
  return new PigmentError('input-invalid', `${method}: the input${where} does not fit. ${first?.message ?? ''}`, { method, issues })
}

/** Facts as every border can carry them. */
function plain(facts: Record<string, unknown>): Record<string, unknown> {
  try {
    return JSON.parse(JSON.stringify(facts)) as Record<string, unknown>
  } catch {
    return {}
  }
}
