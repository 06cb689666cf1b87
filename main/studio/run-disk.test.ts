import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MediaNames } from '../stores/media.ts'
import type { Parts } from './parts.ts'
import { runsOnDisk } from './run-disk.ts'

let root = ''
beforeAll(async () => void (root = await mkdtemp(join(tmpdir(), 'pigment-run-disk-'))))
afterAll(() => rm(root, { recursive: true, force: true }))

const job = (id: string, kind: string) => ({ id, work: { kind } })
const parts = (jobs: readonly ReturnType<typeof job>[]) =>
  ({ queue: { list: () => jobs }, runner: { folderOf: (id: string) => join(root, id) }, media: new MediaNames() }) as unknown as Parts

test('what a run takes counts everything in its folder and nothing that a link leads to; one without a folder takes nothing', async () => {
  await mkdir(join(root, 'ink', 'ink.run', 'step-10'), { recursive: true })
  await writeFile(join(root, 'ink', 'ink.safetensors'), Buffer.alloc(1000))
  await writeFile(join(root, 'ink', 'ink.run', 'step-10', 'theta'), Buffer.alloc(500))
  await writeFile(join(root, 'ink', 'ink.proof.png'), Buffer.alloc(30))
  await mkdir(join(root, 'other'))
  await writeFile(join(root, 'other', 'large'), Buffer.alloc(9000))
  await symlink(join(root, 'other'), join(root, 'ink', 'link'))
  await symlink(join(root, 'other', 'large'), join(root, 'ink', 'file'))
  const of = parts([job('ink', 'train'), job('fox', 'generate'), job('waits', 'train')])
  const [ink, waits, ...rest] = await runsOnDisk(of)
  expect([ink?.run, ink?.bytes, waits, rest]).toEqual(['ink', 1530, { run: 'waits', bytes: 0 }, []])
  expect(of.media.find(ink?.proof ?? '')).toMatchObject({ path: join(root, 'ink', 'ink.proof.png'), kind: 'picture' })
})

test('a folder under the name of a sheet is none', async () => {
  await mkdir(join(root, 'odd', 'odd.proof.png'), { recursive: true })
  expect(await runsOnDisk(parts([job('odd', 'train')]))).toEqual([{ run: 'odd', bytes: 0 }])
})
