// Folders as adapters: what comes into the library, under which name, and with what.
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { moduleShapes, readAdapter, writeAdapter } from '../../engine/adapter-formats/read.ts'
import { openCheckpoint } from '../../engine/models/open-checkpoint.ts'
import type { AdapterCard } from '../api/methods/library.ts'
import { embeddedModel } from '../places/embedded.ts'
import { randomAdapter } from './testing.ts'
import { openHost, type StudioHost } from '../host/host.ts'
import { adapterName, adaptersAt } from './adapter-files.ts'

const modules = moduleShapes(await openCheckpoint(embeddedModel()))
const made = await randomAdapter(embeddedModel(), 'Moss v1.5')
let root: string
let peft: string
let host: StudioHost
const home = (...names: string[]): string => join(root, 'home', 'library', ...names)

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'pigment-folders-'))
  peft = join(root, 'given', 'Moss v1.5')
  await writeAdapter(made, 'peft', peft, { modules, precision: 'fp32' })
  // As hubs have them: pictures and words beside the weights.
  await writeFile(join(peft, 'README.md'), '# Moss')
  await writeFile(join(peft, 'sample.png'), 'a picture')
  host = await openHost({ folder: join(root, 'home') })
})
afterAll(async () => {
  await host?.close()
  await rm(root, { recursive: true, force: true })
})

async function ask<Value>(method: string, input: object): Promise<Value> {
  const reply = await host.invoke(method, input)
  if (!reply.ok) throw new Error(`${reply.error.code}: ${reply.error.message}`)
  return reply.value as Value
}
interface Imported {
  readonly added: readonly AdapterCard[]
  readonly refused: readonly { readonly name: string; readonly error: { readonly code: string } }[]
}
const bring = (path: string): Promise<Imported> => ask('library.import', { from: { path } })

test('a PEFT folder comes in whole, with the strength that its config gives, and without what is not its own', async () => {
  const { added, refused } = await bring(peft)
  expect(refused).toEqual([])
  expect(added).toMatchObject([{ name: 'Moss v1.5', ranks: [4], layers: made.modules.length, source: 'imported' }])
  expect((await readdir(home('Moss v1.5'))).sort()).toEqual(['adapter_config.json', 'adapter_model.safetensors'])
  const bytes = await Promise.all(
    (await readdir(home('Moss v1.5'))).map(async (name) => (await readFile(home('Moss v1.5', name))).byteLength),
  )
  expect(added[0]?.bytes).toBe(bytes.reduce((sum, size) => sum + size, 0))
  const kept = await readAdapter(home('Moss v1.5'), modules)
  expect(kept.modules.map(({ path, alpha, tensors }) => [path, alpha, tensors.up?.data]).toSorted()).toEqual(
    made.modules.map(({ path, alpha, tensors }) => [path, alpha, tensors.up?.data]).toSorted(),
  )
})

test('it is exported, thrown away and brought back like a file', async () => {
  const [card] = await ask<AdapterCard[]>('library.list', {}).then((all) => all.filter(({ name }) => name === 'Moss v1.5'))
  const adapter = card?.id ?? ''
  const out = await ask<{ files: string[] }>('library.export', { adapter, to: 'kohya', folder: root, precision: 'fp32' })
  expect(out.files).toEqual([join(root, 'Moss v1.5.safetensors')])
  expect((await readAdapter(out.files[0] ?? '', modules)).modules.map(({ alpha }) => alpha)).toEqual(made.modules.map(() => 2))
  const { undo } = await ask<{ undo: string }>('library.remove', { adapters: [adapter] })
  expect(await readdir(home())).not.toContain('Moss v1.5')
  await ask('library.restore', { undo })
  expect((await readdir(home('Moss v1.5'))).sort()).toEqual(['adapter_config.json', 'adapter_model.safetensors'])
})

test('the weights alone bring their config along; a second of the same name stands beside the first', async () => {
  const { added } = await bring(join(peft, 'adapter_model.safetensors'))
  expect(added.map(({ name }) => name)).toEqual(['Moss v1.5 2'])
  expect((await readAdapter(home('Moss v1.5 2'), modules)).modules[0]?.alpha).toBe(2)
})

test('a folder of several stands for each of them, and what is none is refused by its name', async () => {
  const several = join(root, 'several')
  await mkdir(join(several, 'deep', 'empty'), { recursive: true })
  await cp(peft, join(several, 'deep', 'Fern'), { recursive: true })
  await writeAdapter(made, 'kohya', join(several, 'Bark.safetensors'), { modules, precision: 'fp16' })
  await writeFile(join(several, 'broken.safetensors'), 'no adapter')
  const { added, refused } = await bring(several)
  expect(added.map(({ name }) => name).toSorted()).toEqual(['Bark', 'Fern'])
  expect(refused.map(({ name, error }) => [name, error.code])).toEqual([['broken.safetensors', 'safetensors-other-file']])
  await mkdir(join(root, 'nothing'))
  await expect(bring(join(root, 'nothing'))).rejects.toThrow('adapter-not-found')
})

test('a folder that a person puts into the library is found when the studio starts', async () => {
  await host.close()
  await cp(peft, home('Own'), { recursive: true })
  await mkdir(home('not an adapter'))
  host = await openHost({ folder: join(root, 'home') })
  await expect.poll(async () => (await ask<AdapterCard[]>('library.list', {})).map(({ name }) => name)).toContain('Own')
  expect((await ask<AdapterCard[]>('library.list', {})).map(({ name }) => name)).not.toContain('not an adapter')
})

test('names lose only the ending of a file', async () => {
  expect(['a.SafeTensors', 'Moss v1.5', 'x/Moss v1.5.safetensors'].map(adapterName)).toEqual(['a', 'Moss v1.5', 'Moss v1.5'])
  // Both halves of one adapter count once.
  expect(await adaptersAt([join(peft, 'adapter_config.json'), join(peft, 'adapter_model.safetensors')])).toEqual([peft])
})
