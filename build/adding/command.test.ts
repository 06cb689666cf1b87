// A command is one file: put into its folder, it is in the help, is called in the terminal and over HTTP, and is typed for the screens.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { programWith } from './testing-program.ts'

const program = await programWith({
  'main/commands/datasets/longest.ts': `import { z } from 'zod'
import { hostCommand } from '../../studio/command.ts'

export const longest = hostCommand({
  summary: 'Name the data sets whose names have so many letters.',
  input: z.strictObject({ letters: z.int().min(1).default(1).meta({ description: 'letters at least' }) }),
  run: ({ datasets }, { letters }): readonly string[] => datasets.list().flatMap(({ name }) => (name.length >= letters ? [name] : [])),
})
`,
  'main/operations/tools/backwards.ts': `export const backwards = ({ text }: { text: string }): { text: string } => ({ text: [...text].reverse().join('') })
`,
  'main/commands/backwards.ts': `import { z } from 'zod'
import { toolsCommand } from '../studio/command.ts'

export const backwards = toolsCommand({
  summary: 'Say a text backwards.',
  input: z.object({ text: z.string().min(1).meta({ description: 'what is said', placeholder: 'WORDS' }) }),
  positional: 'text',
  run: (tools, given, watching) => tools.call('backwards', given, watching),
})
`,
})
const { pigment, load } = program

let home: string
const before = process.env.PIGMENT_HOME
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'pigment-command-'))
  process.env.PIGMENT_HOME = join(home, 'terminal')
})
afterAll(async () => {
  if (before === undefined) delete process.env.PIGMENT_HOME
  else process.env.PIGMENT_HOME = before
  await rm(home, { recursive: true, force: true })
  program[Symbol.dispose]()
})

test('both are in the help of the terminal, which draws their options from their schemas', async () => {
  const { text } = await pigment('--help')
  expect(text).toContain('datasets.longest [options] Name the data sets whose names have so many letters.')
  expect(text).toContain('backwards [WORDS] Say a text backwards.')
  expect((await pigment('backwards', '--help')).text).toContain('WORDS what is said')
  expect((await pigment('datasets.longest', '--help')).text).toContain('--letters')
})

test('the terminal does one by itself and asks the studio for the other', async () => {
  expect(await pigment('backwards', 'net', '--json')).toEqual({
    code: 0,
    text: '{"type":"result","command":"backwards","result":{"text":"ten"}} ',
  })
  expect((await pigment('backwards')).code).toBe(2)
  const { code, text } = await pigment('datasets.longest', '--letters', '10', '--json')
  expect([code, text]).toEqual([0, '{"type":"result","command":"datasets.longest","result":["Comic outline"]} '])
  expect((await pigment('studio', '--json')).text).toContain('"datasets.longest"')
})

test('a page calls both over HTTP, the one in the process that opens files; a wrong input is refused by their schemas', async () => {
  const { openHost } = await load<typeof import('../../main/host/host.ts')>('main/host/host.ts')
  const { startServer } = await load<typeof import('../../main/server/server.ts')>('main/server/server.ts')
  const bearer = 'b'.repeat(43)
  const host = await openHost({ folder: join(home, 'studio') })
  const server = await startServer({ host, files: new Map(), bearer })
  const call = async (name: string, input: object): Promise<unknown> => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${bearer}` }
    return (await fetch(`${server.origin}/call/${name}`, { method: 'POST', headers, body: JSON.stringify(input) })).json()
  }
  try {
    expect(await call('datasets.longest', {})).toEqual({ ok: true, value: ['Black ink', 'Comic outline'] })
    expect(await call('datasets.longest', { letters: 0 })).toMatchObject({ ok: false, error: { code: 'input-invalid' } })
    expect(await call('backwards', { text: 'stop', task: 'a-task' })).toEqual({ ok: true, value: { text: 'pots' } })
    expect(await call('backwards', { text: '' })).toMatchObject({ ok: false, error: { code: 'input-invalid' } })
    expect(await call('sideways', {})).toMatchObject({ ok: false, error: { code: 'method-unknown' } })
  } finally {
    await server.close()
    await host.close()
  }
})
