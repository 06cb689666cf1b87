import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openInBrowser } from './open-browser.ts'

let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'pigment-opening-'))))
afterAll(() => rm(folder, { recursive: true, force: true }))

test('the token stands in a page that only this person may read, and in no argument (VS Code GHSA-54p6)', async () => {
  const link = 'http://127.0.0.1:4000/#t=secret-token'
  const launched: string[] = []
  const remove = await openInBrowser(link, { folder, launch: (command, args) => launched.push(command, ...args) })
  const [name = ''] = await readdir(folder)
  expect(launched.at(-1)).toBe(join(folder, name))
  expect(launched.join(' ')).not.toContain('secret-token')
  if (process.platform !== 'win32') expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600)
  expect(await readFile(join(folder, name), 'utf8')).toContain(`content="0; url=${link}"`)
  await remove()
  expect(await readdir(folder)).toEqual([])
})

test('a folder that takes no file opens nothing and stops nothing', async () => {
  const launched: string[] = []
  await (
    await openInBrowser('http://127.0.0.1:4000/#t=x', { folder: join(folder, 'nowhere'), launch: (command) => launched.push(command) })
  )()
  expect(launched).toEqual([])
})
