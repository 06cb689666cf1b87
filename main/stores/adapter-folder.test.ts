// What a look at a folder sees: nothing is opened, so that files that hold nothing do.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { seeFolder } from './adapter-folder.ts'

let root = ''
beforeAll(async () => void (root = await mkdtemp(join(tmpdir(), 'pigment-folder-'))))
afterAll(() => rm(root, { recursive: true, force: true }))
const put = async (folder: string, ...names: readonly string[]): Promise<void> => {
  await mkdir(join(root, folder), { recursive: true })
  await Promise.all(names.map((name) => writeFile(join(root, folder, name), '')))
}

test('a thousand adapters in folders of folders are each seen once, in their folder', async () => {
  for (let i = 0; i < 40; i++) await put(`many/of ${i % 4}/in ${i}/deep`, ...Array.from({ length: 25 }, (_, n) => `${i}-${n}.safetensors`))
  const { adapters, folders } = await seeFolder('', join(root, 'many'))
  expect([adapters.length, new Set(adapters.map(({ file }) => file)).size, folders.length]).toEqual([1000, 1000, 4 + 40 + 40])
  expect(adapters.map(({ file }) => file)).toContain('of 3/in 39/deep/39-24.safetensors')
})

test('pictures and words beside a file are found as each program names them, and are no other file’s', async () => {
  const beside = ['ink.json', 'ink.metadata.json', 'ink.civitai.info', 'ink.cm-info.json', 'ink.swarm.json']
  await put('beside', 'ink.safetensors', ...beside, 'ink.thumb.jpg', 'INK.preview.PNG', 'ink.png', 'ink2.safetensors', 'ink.txt', 'ink.mp4')
  await put('beside', 'wash.safetensors', 'wash.webp')
  const [ink, ink2, wash] = (await seeFolder('', join(root, 'beside'))).adapters
  expect(ink?.beside.map((path) => basename(path)).toSorted()).toEqual(beside.toSorted())
  expect([ink, ink2, wash].map((one) => one?.preview && basename(one.preview))).toEqual(['INK.preview.PNG', undefined, 'wash.webp'])
  expect(ink2?.beside).toEqual([])
})
