import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lockFolder } from './lock.ts'
import { contend } from './testing-lock.ts'

let root: string
const at = (...parts: string[]): string => join(root, ...parts)
beforeEach(async () => void (root = await mkdtemp(join(tmpdir(), 'pigment-lock-'))))
afterEach(() => rm(root, { recursive: true, force: true }))

test('one studio a folder: the second is told which process has it, also within one process', async () => {
  const unlock = await lockFolder(root)
  expect(await readFile(at('studio.lock'), 'utf8')).toBe(String(process.pid))
  await expect(lockFolder(root)).rejects.toMatchObject({ code: 'already-running', facts: { process: process.pid } })
  await unlock()
  expect(await readdir(root)).toEqual(['host.lock'])
  await (
    await lockFolder(root)
  )()
})

test('what a dead studio left refuses nobody, whoever has its number now', async () => {
  for (const left of ['999999999', String(process.ppid), String(process.pid), '', 'nonsense']) {
    await writeFile(at('studio.lock'), left)
    await (
      await lockFolder(root)
    )()
  }
})

test('a folder that cannot be written to, or not be locked, is told as such', async () => {
  await expect(lockFolder(at('none'))).rejects.toMatchObject({ code: 'folder-missing' })
  await writeFile(at('host.lock'), 'x'.repeat(4096))
  await expect(lockFolder(root)).rejects.toMatchObject({ code: 'not-lockable', facts: { path: at('host.lock') } })
})

// `build/bench/lock.ts` does a thousand.
test('of eight that come at once after a crash exactly one has the folder, and the others know which, 40 times', async () => {
  for await (const outcomes of contend(root, 8, 40)) {
    const owners = outcomes.filter(({ refused }) => !refused).map(({ pid }) => pid)
    expect(owners).toHaveLength(1)
    const refusals = outcomes.flatMap(({ refused }) => (refused ? [refused] : []))
    expect(refusals).toEqual(Array.from({ length: 7 }, () => ({ code: 'already-running', process: owners[0] })))
  }
})
