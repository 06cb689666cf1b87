import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Task } from '../processes/tasks.ts'
import { zip, type ZipEntry } from './testing.ts'
import { extractZip, zipLimits } from './zip.ts'

const disk = vi.hoisted(() => ({ room: undefined as number | undefined }))
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>()
  const statfs = async (path: string) => (disk.room === undefined ? real.statfs(path) : { bavail: disk.room, bsize: 1 })
  return { ...real, statfs }
})

let root: string
let count = 0
beforeAll(async () => void (root = await mkdtemp(join(tmpdir(), 'pigment-zip-'))))
afterAll(() => rm(root, { recursive: true, force: true }))

const MiB = 2 ** 20
const picture = (name: string | Uint8Array, bytes = 10): ZipEntry => ({ name, data: Buffer.alloc(bytes, 1) })
const quiet: Task = { signal: new AbortController().signal, progress: () => undefined }

/** What came out, with how many bytes; or why nothing did, and what was written until then. */
async function unpacked(entries: readonly ZipEntry[], task = quiet) {
  const [path, folder] = [join(root, `${++count}.zip`), join(root, `${count}`)]
  await writeFile(path, zip(entries))
  const outcome = await extractZip(path, folder, task).then(
    () => 'unpacked',
    (error: { code?: string }) => error.code ?? String(error),
  )
  const names = (await readdir(folder, { recursive: true }).catch(() => [])).sort()
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size))
  return { outcome, names, bytes: sizes.reduce((sum, size) => sum + size, 0) }
}

test('the limits are of the whole archive: many entries that swell a little each are refused together', async () => {
  // Each of them alone stays below what one may have.
  const { outcome, bytes } = await unpacked(Array.from({ length: 8 }, (_, i) => picture(`${i}.png`, 12 * MiB)))
  expect(outcome).toBe('zip-refused')
  expect(bytes).toBeLessThan(zipLimits.slack + 12 * MiB)
})

test('entries that lie over one another are refused before anything is written', async () => {
  const same = { ...picture('b.png', MiB), again: true }
  expect(await unpacked([picture('a.png', MiB), same])).toEqual({ outcome: 'zip-refused', names: [], bytes: 0 })
})

test('it stops when it is asked to, also in the middle of an entry', async () => {
  const asked = new AbortController()
  const data = Buffer.from(Array.from({ length: 4 * MiB }, (_, i) => (i * i * 2654435761) >>> 24))
  let entries = 0
  const task = { signal: asked.signal, progress: () => void (++entries === 1 && setImmediate(() => asked.abort())) }
  const { outcome, names } = await unpacked(
    [
      { name: 'a.png', data },
      { name: 'b.png', data },
    ],
    task,
  )
  expect([outcome, names.includes('b.png')]).toEqual([expect.stringMatching(/abort/i), false])
})

test('room is left on the disk, whatever is packed', async () => {
  disk.room = zipLimits.reserve + 100
  const { outcome, bytes } = await unpacked([picture('a.png', 80), picture('b.png', 80)])
  disk.room = undefined
  expect([outcome, bytes <= 100]).toEqual(['zip-refused', true])
})

test('names that do not say how they are written are read as what they are', async () => {
  const bytes = (...values: number[]): Uint8Array => Uint8Array.from([...values, ...Buffer.from('.png')])
  // 表.png in Shift-JIS, whose second byte is a backslash; 図鑑.png beside it.
  expect((await unpacked([picture(bytes(0x95, 0x5c)), picture(bytes(0x90, 0x7d, 0x8a, 0xd3))])).names).toEqual(['図鑑.png', '表.png'])
  // 数据.png in GBK, 圖片.png in Big5, as Windows packs them.
  expect((await unpacked([picture(bytes(0xca, 0xfd, 0xbe, 0xdd))])).names).toEqual(['数据.png'])
  expect((await unpacked([picture(bytes(0xb9, 0xcf, 0xa4, 0xf9))])).names).toEqual(['圖片.png'])
  // macOS writes UTF-8 and does not say so.
  expect((await unpacked([picture(Buffer.from('Größe 絵.png'))])).names).toEqual(['Größe 絵.png'])
  // What is none of these is in the code page of the format.
  expect((await unpacked([picture(bytes(0x81, 0x62, 0x65, 0x72))])).names).toEqual(['über.png'])
  expect((await unpacked([picture('__MACOSX/._a.png'), picture('b.png')])).names).toEqual(['b.png'])
})
