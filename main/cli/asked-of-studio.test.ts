import { expect, test } from 'vitest'
import { commands } from '../commands/index.ts'
import { askedOfStudio } from './asked-of-studio.ts'

const context = { device: 'cpu', threads: 0, emit: () => undefined } as const

test('a secret has no flag, and is refused where everybody could read it', async () => {
  const { input, run } = askedOfStudio('tokens.set', commands['tokens.set'])
  expect(Object.keys(input.shape)).toEqual(['site', 'input', 'wait'])
  const given = input.parse({ site: 'hugging-face', input: '{"token":"hf_SecretSecretSecret"}' })
  const refused = await run(context, given, new AbortController().signal).catch((error: unknown) => error)
  expect(refused).toMatchObject({ code: 'usage', facts: { option: 'token' } })
  expect(JSON.stringify(refused) + String(refused)).not.toContain('SecretSecret')
})

test('what is fetched stands without a flag, and is waited for', () => {
  const { input, positional } = askedOfStudio('fetch', commands.fetch)
  expect([positional, Object.keys(input.shape)]).toEqual(['link', ['link', 'accept', 'licence', 'input']])
  expect(input.safeParse({ link: 'some/painter', accept: true }).success).toBe(true)
})
