// The gate says what of an input does not fit, whoever does the work behind it.
import { expect, test } from 'vitest'
import { z } from 'zod'
import { commands } from '../commands/index.ts'
import { hostCommand } from '../studio/command.ts'
import type { Parts } from '../studio/parts.ts'
import { answersOf } from './answers.ts'
import { dispatcher } from './dispatch.ts'

const invoke = dispatcher(answersOf(commands, {} as Parts))
const names = Object.entries(commands).flatMap(([name, { input }]) => (input instanceof z.ZodObject ? [name] : []))

test.each(names)('%s refuses a field that it does not know, by name', async (name) => {
  const reply = await invoke(name, { baseWieghts: 'nf4' })
  expect(reply).toMatchObject({ ok: false, error: { code: 'input-invalid' } })
  expect(!reply.ok && reply.error.message).toContain('"baseWieghts"')
})

test('a field that has fields of its own is told by what is wrong in it, and not as a text', async () => {
  const input = z.strictObject({ form: z.strictObject({ steps: z.int().min(1) }), count: z.int().min(1).max(9) })
  const probe = { probe: hostCommand({ input, run: () => null }) }
  const ask = async (given: unknown) => {
    const reply = await dispatcher(answersOf(probe, {} as Parts))('probe', given)
    return reply.ok ? '' : reply.error.message
  }
  expect(await ask({ form: { steps: 0, extra: 1 }, count: 10 })).toBe(
    'This does not fit. form.steps: a whole number from 1; form: Unrecognized key: "extra"; count: a whole number from 1 to 9.',
  )
  expect(await ask({ count: 1 })).toBe('This does not fit. form: Invalid input: expected object, received undefined.')
})
