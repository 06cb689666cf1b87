// The thread that is held is a real one: it waits for a writer of a pipe, and there is none.
import { execFileSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { mkdtemp, open, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { answering } from './answering.ts'

let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'answering-'))))
afterAll(() => rm(folder, { recursive: true, force: true }))

test('what answers is given, and so is what it throws', async () => {
  expect(await answering(folder, async (ask) => (await ask(() => readdir(folder))).length, 200)).toBe(0)
  await expect(answering(folder, (ask) => ask(() => readdir(join(folder, 'gone'))), 200)).rejects.toMatchObject({ code: 'ENOENT' })
})

test('a disk that does not answer holds one thread, however often it is asked; and is well again when it answers', async (context) => {
  if (process.platform === 'win32') context.skip('Windows has no named pipes in folders')
  const pipe = join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  let asked = 0
  const look = (): Promise<unknown> =>
    answering(
      folder,
      (ask) =>
        ask(async () => {
          asked++
          await (await open(pipe, 'r')).close()
          return 'answered'
        }),
      100,
    ).catch(({ code }: { code: string }) => code)
  expect(await look()).toBe('folder-not-answering')
  expect(await Promise.all(Array.from({ length: 20 }, look))).toEqual(Array(20).fill('folder-not-answering'))
  expect(asked).toBe(1)
  // Others are asked meanwhile.
  expect(await answering(tmpdir(), async (ask) => (await ask(() => readdir(tmpdir()))).length > 0, 2000)).toBe(true)
  const writer = openSync(pipe, 'w')
  await expect.poll(() => Promise.race([look(), new Promise((done) => setTimeout(done, 50))])).toBe('answered')
  closeSync(writer)
})

test('slow is not silent: each answer is waited for anew', async () => {
  const pause = (): Promise<void> => new Promise((done) => setTimeout(done, 40))
  const look = answering(
    folder,
    async (ask) => {
      for (let i = 0; i < 8; i++) await ask(pause)
      return 'slow'
    },
    120,
  )
  expect(await look).toBe('slow')
})
