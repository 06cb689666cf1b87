// The pipes are real: nobody ever writes into them, so whoever opens one to read it waits for ever.
import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openAdapter } from '../adapter-formats/read.ts'
import { readSidecar } from '../datasets/sidecar.ts'
import { measurePicture } from '../images/thumbnail.ts'
import { readPicture } from '../images/picture.ts'
import { readSettings } from '../models/json-settings.ts'
import { copyRegular, openRegular, readRegular } from './regular-file.ts'
import { openSafetensors } from './safetensors.ts'

let folder: string
const at = (name: string): string => join(folder, name)
const pipes = process.platform !== 'win32'
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'regular-'))
  if (pipes) execFileSync('mkfifo', [at('pipe')])
})
afterAll(() => rm(folder, { recursive: true }))

test('a file is read, through links too, and no further than its limit', async () => {
  await writeFile(at('a'), 'twelve bytes')
  await symlink(at('a'), at('link'))
  expect(Buffer.from(await readRegular(at('link'), 12)).toString()).toBe('twelve bytes')
  await expect(readRegular(at('a'), 11)).rejects.toMatchObject({ code: 'file-over-limit', facts: { bytes: 12, limit: 11 } })
  await writeFile(at('empty'), '')
  expect((await readRegular(at('empty'), 5)).length).toBe(0)
  await writeFile(at('sparse'), '')
  await truncate(at('sparse'), 2 ** 32)
  await expect(readRegular(at('sparse'), 2 ** 20)).rejects.toMatchObject({ code: 'file-over-limit' })
})

test('what has no size of its own is read to its end or to the limit', async (context) => {
  if (process.platform !== 'linux') context.skip('/proc is of Linux')
  expect(Buffer.from(await readRegular('/proc/self/status', 2 ** 20)).toString()).toContain('Pid:')
  await expect(readRegular('/proc/self/status', 10)).rejects.toMatchObject({ code: 'file-over-limit' })
})

test('a pipe, a folder and a device are no files, whoever asks', async (context) => {
  if (!pipes) context.skip('Windows has no named pipes in folders')
  const readers = { openRegular, readPicture, measurePicture, openSafetensors, openAdapter, readSettings }
  for (const [name, read] of Object.entries(readers)) {
    const error = await read(at('pipe')).catch(({ code }: { code: string }) => code)
    expect([name, error]).toEqual([name, expect.stringMatching(/^(not-a-file|picture-format)$/)])
  }
  expect(await readSidecar(at('pipe'))).toMatchObject({ version: 'unreadable', problem: { code: 'caption-unreadable' } })
  await expect(readRegular('/dev/zero', 100)).rejects.toMatchObject({ code: 'not-a-file', facts: { what: 'a device' } })
  await expect(readRegular(folder, 100)).rejects.toMatchObject({ code: 'EISDIR' })
  await expect(copyRegular(at('pipe'), at('copy'))).rejects.toMatchObject({ code: 'not-a-file', facts: { what: 'a named pipe' } })
})

test('a copy goes where nothing is', async () => {
  await writeFile(at('b'), 'b')
  await copyRegular(at('b'), at('c'))
  expect(await readFile(at('c'), 'utf8')).toBe('b')
  await expect(copyRegular(at('b'), at('c'))).rejects.toMatchObject({ code: 'EEXIST' })
})
