// What the screens do, from the terminal: on a studio of its own, and on the one that runs.
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { commands as all } from '../commands/index.ts'
import { writeDataset } from '../operations/testing.ts'
import { startServer } from '../server/server.ts'
import { openDoor } from '../stores/door.ts'
import { lockFolder } from '../stores/lock.ts'
import { openHost } from '../host/host.ts'
import { commands } from './commands.ts'
import { runCli } from './run.ts'
import { records, type Line } from './testing.ts'

let root: string
const before = process.env.PIGMENT_HOME
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'pigment-terminal-'))
  process.env.PIGMENT_HOME = join(root, 'home')
  await writeDataset(join(root, 'pictures'), ['a', 'b'])
})
afterAll(async () => {
  if (before === undefined) delete process.env.PIGMENT_HOME
  else process.env.PIGMENT_HOME = before
  await rm(root, { recursive: true, force: true })
})

async function pigment(...argv: string[]): Promise<Line> {
  let out = ''
  const terminal = { out: (text: string) => (out += text), err: () => '', isTerminal: false, columns: 80 }
  await runCli([...argv, '--json'], { commands, version: '1.0.0', terminal, signal: new AbortController().signal })
  return records(out).at(-1) ?? { type: 'nothing' }
}
const result = async (...argv: string[]): Promise<Record<string, unknown>> => {
  const last = await pigment(...argv)
  expect(last.type, JSON.stringify(last)).toBe('result')
  return last.result as Record<string, unknown>
}

test('every command of the studio is one of the terminal', () => {
  const names = Object.keys(all)
  expect(names.length).toBeGreaterThan(60)
  expect(names.filter((name) => !commands.some((one) => one.name === name))).toEqual([])
})

test('the help of every command keeps to 80 columns, and tells no choice twice', async () => {
  const helps = await Promise.all(commands.map(async ({ name }) => String((await pigment(name, '--help')).text)))
  const lines = helps.flatMap((help) => help.split('\n'))
  expect(lines.length).toBeGreaterThan(500)
  expect(lines.filter((line) => line.length > 80)).toEqual([])
  expect(lines.filter((line) => line.includes('<true|false>') && line.includes('one of'))).toEqual([])
})

test('a set is made, looked through, edited and taken back by options; settings too', async () => {
  const set = await result(
    'datasets.create',
    '--name',
    'Two',
    '--mode',
    'reference',
    '--from',
    relative(process.cwd(), join(root, 'pictures')),
  )
  const dataset = String(set.id)
  expect(set.path).toBe(join(root, 'pictures'))
  const page = await result('datasets.items', '--dataset', dataset, '--limit', '1')
  const [item] = page.items as { id: string; version: string; caption: string }[]
  expect([page.total, item?.caption]).toEqual([2, 'a, noise'])
  const written = await result(
    'datasets.setCaption',
    '--dataset',
    dataset,
    '--item',
    item?.id ?? '',
    '--the-version',
    item?.version ?? '',
    '--caption',
    'fox',
  )
  expect(written.caption).toBe('fox')
  await result('datasets.applyEdit', '--dataset', dataset, '--selection', '{"filter":{}}', '--edit', '{"kind":"add","tags":["red"]}')
  expect((await result('datasets.undo', '--dataset', dataset)).captioned).toBe(2)
  const tags = (await result('datasets.tags', '--dataset', dataset)) as unknown as { tag: string }[]
  expect(tags.map(({ tag }) => tag).toSorted()).toEqual(['b', 'fox', 'noise'])
  expect(await result('settings.set', '--theme', 'dark', '--the-threads', '2', '--notifications', 'false')).toMatchObject({
    theme: 'dark',
    threads: 2,
    notifications: false,
  })
  expect(await pigment('settings.set', '--theme', 'neon')).toMatchObject({ type: 'error' })
  expect(await pigment('datasets.items', '--dataset', dataset, '--filter', '{')).toMatchObject({ type: 'error', code: 'usage' })
})

test('a job that is waited for and fails is an error of the command', async () => {
  const form = { prompt: 'a red apple', steps: 1, conditions: { initImage: join(root, 'gone.png') } }
  const asked = ['generate.enqueue', '--form', JSON.stringify(form)]
  expect(await pigment(...asked, '--wait')).toMatchObject({ type: 'error', code: 'picture-missing', facts: { name: 'gone.png' } })
}, 180_000)

test('the studio that runs is asked by its door, which is closed to others; where there is none, that is said', async () => {
  const folder = join(root, 'home')
  // This process stands for the other that has it.
  const unlock = await lockFolder(folder)
  await writeFile(join(folder, 'studio.lock'), String(process.ppid))
  const host = await openHost({ folder: join(root, 'running') })
  const server = await startServer({ host, files: new Map(), bearer: 'b'.repeat(43) })
  try {
    expect(await pigment('settings.get')).toMatchObject({ type: 'error', code: 'already-running' })
    const door = { origin: server.origin, token: 'b'.repeat(43), process: process.ppid }
    // One that an earlier studio left is not taken for that of the one that runs.
    await openDoor(folder, { ...door, process: process.pid })
    expect(await pigment('settings.get')).toMatchObject({ type: 'error', code: 'already-running' })
    const close = await openDoor(folder, door)
    if (process.platform !== 'win32') expect((await stat(join(folder, 'studio.door'))).mode & 0o777).toBe(0o600)
    expect(await result('settings.get')).toMatchObject({ theme: 'system' })
    expect(await pigment('library.get', '--adapter', 'none')).toMatchObject({ type: 'error', code: 'adapter-unknown' })
    await result('settings.set', '--theme', 'light')
    const reply = await host.invoke('settings.get', {})
    expect(reply).toMatchObject({ ok: true, value: { theme: 'light' } })
    await close()
    expect(await readdir(folder)).not.toContain('studio.door')
  } finally {
    await server.close()
    await host.close()
    await unlock()
  }
})
