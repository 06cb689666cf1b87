import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PigmentError } from '../../engine/requests/error.ts'
import { Drops } from './drops.ts'

let folder: string
let drops: Drops
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pigment-drops-'))
  drops = new Drops(folder)
})
afterAll(() => rm(folder, { recursive: true, force: true }))
const bytes = (text: string): Readable => Readable.from([Buffer.from(text)])

test('what is too much is refused before anything is sent', async () => {
  await expect(drops.open({ bytes: 20 * 2 ** 30 })).rejects.toMatchObject({ code: 'drop-too-large' })
  await expect(drops.open({ files: 20_001 })).rejects.toMatchObject({ code: 'drop-too-large' })
  expect(await readdir(folder)).toEqual([])
})

test('files are lent, and gone when the work is through, also when it fails', async () => {
  const lent = await drops.open({ files: 2, bytes: 2 })
  await drops.receive(lent, 'a/b.txt', bytes('x'))
  await drops.receive(lent, 'c.txt', bytes('y'))
  const seen = await drops.lend({ drop: lent }, (paths) => Promise.resolve(paths.map((path) => basename(path)).sort()))
  expect(seen).toEqual(['a', 'c.txt'])
  await expect(drops.lend({ drop: lent }, () => Promise.resolve())).rejects.toMatchObject({ code: 'drop-unknown' })
  const failed = await drops.open()
  await drops.receive(failed, 'c.txt', bytes('y'))
  await expect(drops.lend({ drop: failed }, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  const broken = await drops.open()
  await drops.receive(broken, 'a/broken.txt', bytes('y'))
  const refuse = ([path = '']: readonly string[]) => {
    const inside = join(path, 'broken.txt')
    return Promise.reject(new PigmentError('file-broken', `"${inside}" is cut off.`, { path: inside }))
  }
  await expect(drops.lend({ drop: broken }, refuse)).rejects.toMatchObject({
    message: `"${join('a', 'broken.txt')}" is cut off.`,
    facts: { path: join('a', 'broken.txt') },
  })
  expect(await readdir(folder)).toEqual([])
})

test('a file that cannot be taken in gives the whole drop up', async () => {
  const name = await drops.open()
  await drops.receive(name, 'a.txt', bytes('x'))
  await expect(drops.receive(name, '../out.txt', bytes('x'))).rejects.toMatchObject({ code: 'path-refused' })
  expect(await readdir(folder)).toEqual([])
})
