import { chmod, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeFileAtomic } from './atomic.ts'
import { fileError } from './file-error.ts'

let folder = ''
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'pigment-'))))
afterEach(() => rm(folder, { recursive: true }))

const text = (value: string): Uint8Array => new TextEncoder().encode(value)

test('writes whole files, in one piece or many', async () => {
  const path = join(folder, 'a')
  await writeFileAtomic(path, text('one'))
  expect(await readFile(path, 'utf8')).toBe('one')
  await writeFileAtomic(path, [text('two'), text(' three')])
  expect(await readFile(path, 'utf8')).toBe('two three')
  expect(await readdir(folder)).toEqual(['a'])
})

test('a write that fails half-way leaves the old file and no other', async () => {
  const path = join(folder, 'a')
  await writeFile(path, 'old')
  function* failing(): Generator<Uint8Array> {
    yield text('new')
    throw Object.assign(new Error('no space left'), { code: 'ENOSPC' })
  }
  await expect(writeFileAtomic(path, failing())).rejects.toMatchObject({
    code: 'disk-full',
    message: expect.stringContaining(path) as string,
  })
  expect(await readFile(path, 'utf8')).toBe('old')
  expect(await readdir(folder)).toEqual(['a'])
})

test('a missing folder and a folder in the way have their own codes', async () => {
  await expect(writeFileAtomic(join(folder, 'none', 'a'), text(''))).rejects.toMatchObject({ code: 'folder-missing' })
  await mkdir(join(folder, 'b'))
  await expect(writeFileAtomic(join(folder, 'b'), text(''))).rejects.toMatchObject({ code: 'is-folder' })
  await writeFile(join(folder, 'c'), '')
  await expect(writeFileAtomic(join(folder, 'c', 'd'), text(''))).rejects.toMatchObject({ code: 'folder-missing' })
  await expect(writeFileAtomic(join(folder, 'x'.repeat(300)), text(''))).rejects.toMatchObject({ code: 'name-too-long' })
})

test('keeps permissions and symbolic links', async (context) => {
  if (process.platform === 'win32') context.skip('Windows has neither')
  await writeFile(join(folder, 'real'), 'old')
  await chmod(join(folder, 'real'), 0o600)
  await symlink('real', join(folder, 'link'))
  await writeFileAtomic(join(folder, 'link'), text('new'))
  expect(await readlink(join(folder, 'link'))).toBe('real')
  expect(await readFile(join(folder, 'real'), 'utf8')).toBe('new')
  expect((await stat(join(folder, 'real'))).mode & 0o777).toBe(0o600)
})

const unprotected =
  process.platform === 'win32'
    ? 'Windows has no such permissions'
    : process.getuid?.() === 0
      ? 'runs as root, to whom permissions do not apply'
      : undefined
test('a protected file or folder is not replaced', async (context) => {
  if (unprotected) return context.skip(unprotected)
  const path = join(folder, 'a')
  await writeFile(path, 'old', { mode: 0o444 })
  await expect(writeFileAtomic(path, text('new'))).rejects.toMatchObject({ code: 'not-writable' })
  await chmod(folder, 0o555)
  await expect(writeFileAtomic(join(folder, 'b'), text('new'))).rejects.toMatchObject({ code: 'not-writable' })
  await chmod(folder, 0o755)
})

test.each([
  ['ENOSPC', 'disk-full'],
  ['EACCES', 'not-writable'],
  ['EROFS', 'not-writable'],
  ['EPERM', 'not-writable'],
  ['EWHATEVER', 'write-failed'],
])('%s is reported as %s', (system, code) => {
  expect(fileError(Object.assign(new Error('x'), { code: system }), '/a/b', 'write')).toMatchObject({ code })
})
