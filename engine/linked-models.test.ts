import { mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeSafetensors } from './files/safetensors.ts'
import { encodePng } from './images/write-png.ts'
import { soundModel, tensorsOf, writeDiffusers } from './models/testing.ts'
import { writeSingleFile } from './models/testing-single-file.ts'
import { generateRequest } from './requests/generate.ts'
import { trainRequest } from './requests/train.ts'
import { generate } from './generate.ts'
import { Model } from './sessions/open-model.ts'
import { train } from './train.ts'

const model = soundModel('sd1')
const tokenizer = () => ({ vocab: join(folder, 'plain/tokenizer/vocab.json'), merges: join(folder, 'plain/tokenizer/merges.txt') })
let folder = ''
let made: Worked
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pigment-links-'))
  await writeDiffusers(join(folder, 'plain'), model)
  await mkdir(join(folder, 'pictures'))
  await writeFile(join(folder, 'pictures/a.png'), await encodePng({ width: 64, height: 64, data: new Uint8Array(64 * 64 * 3).fill(90) }))
  await writeFile(join(folder, 'pictures/a.txt'), 'a')
  made = await work(join(folder, 'plain'))
})
afterAll(() => rm(folder, { recursive: true }))

interface Worked {
  readonly name: string
  readonly rgb: Uint8Array
  readonly learnt: readonly ArrayLike<number>[]
}

/** Opens, trains a step and draws. */
async function work(path: string, options: { tokenizer?: { vocab: string; merges: string } } = {}): Promise<Worked> {
  await using opened = await Model.open(path, { threads: 1, ...options })
  const runFolder = await mkdtemp(join(folder, 'run-'))
  const request = trainRequest.parse({ dataset: join(folder, 'pictures'), steps: 1, rank: 2, resolution: 64 })
  const { adapter } = await end(train(opened, request, { runFolder }))
  const { rgb } = await end(generate(opened, generateRequest.parse({ prompt: 'a', steps: 1, width: 64, height: 64 })))
  return {
    name: opened.checkpoint.name,
    rgb,
    learnt: adapter.modules.flatMap(({ tensors }) => Object.values(tensors).map(({ data }) => data)),
  }
}

async function end<T>(generator: AsyncGenerator<unknown, T>): Promise<T> {
  for (;;) {
    const { done, value } = await generator.next()
    if (done) return value
  }
}

/** Every file of a tree goes to one of the folders under a name of its own, and a link takes its place. */
async function scatter(tree: string, stores: readonly string[]): Promise<void> {
  for (const store of stores) await mkdir(store, { recursive: true })
  let n = 0
  for (const entry of await readdir(tree, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const blob = join(stores[n % stores.length] ?? '', `blob${n++}`)
    await rename(join(entry.parentPath, entry.name), blob)
    await symlink(blob, join(entry.parentPath, entry.name))
  }
}

test('a Hugging Face cache opens, trains and draws, by its snapshot and by its own folder, and has the name of the model', async () => {
  const cache = join(folder, 'models--some--model-v1.5')
  const snapshot = join(cache, 'snapshots/0123abc')
  await writeDiffusers(snapshot, model)
  await scatter(snapshot, [join(cache, 'blobs')])
  expect(await work(snapshot)).toEqual({ ...made, name: 'model-v1.5' })
  await mkdir(join(cache, 'snapshots/older'))
  await mkdir(join(cache, 'refs'))
  await writeFile(join(cache, 'refs/main'), '0123abc\n')
  expect(await work(cache)).toEqual({ ...made, name: 'model-v1.5' })
})

test('shards that are linked from several folders open, train and draw', async () => {
  const path = join(folder, 'sharded')
  await writeDiffusers(path, model)
  const unet = join(path, 'unet')
  await rm(join(unet, 'diffusion_pytorch_model.safetensors'))
  const tensors = tensorsOf(model.unet.weights)
  const map: Record<string, string> = {}
  for (const n of [0, 1, 2]) {
    const file = `diffusion_pytorch_model-${n}.safetensors`
    const part = tensors.filter((_, i) => i % 3 === n)
    for (const { name } of part) map[name] = file
    await writeSafetensors(join(unet, file), part)
  }
  await writeFile(join(unet, 'diffusion_pytorch_model.safetensors.index.json'), JSON.stringify({ weight_map: map }))
  await scatter(
    path,
    ['one', 'two/deeper', 'three'].map((store) => join(folder, store)),
  )
  expect(await work(path)).toEqual({ ...made, name: 'sharded' })
})

test('a linked single file, and one below a linked folder, open, train and draw', async () => {
  await mkdir(join(folder, 'store'))
  await mkdir(join(folder, 'shown'))
  await writeSingleFile(join(folder, 'store/model.safetensors'), model)
  await symlink(join(folder, 'store/model.safetensors'), join(folder, 'shown/other name.safetensors'))
  await symlink(join(folder, 'store'), join(folder, 'linked store'))
  const own = await work(join(folder, 'store/model.safetensors'), { tokenizer: tokenizer() })
  const linked = await work(join(folder, 'shown/other name.safetensors'), { tokenizer: tokenizer() })
  expect(linked).toEqual({ ...own, name: 'other name' })
  expect(await work(join(folder, 'linked store/model.safetensors'), { tokenizer: tokenizer() })).toEqual(own)
})
