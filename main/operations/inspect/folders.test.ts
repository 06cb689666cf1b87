import { mkdir, writeFile } from 'node:fs/promises'
import { afterAll, expect, test } from 'vitest'
import { encodePng } from '../../../engine/images/write-png.ts'
import { inspect } from '../tools/inspect.ts'
import { inspectModel } from '../tools/inspect-model.ts'
import { workFolder } from '../testing.ts'

const folder = await workFolder()
afterAll(folder.remove)
const signal = new AbortController().signal

async function make(name: string, files: readonly string[]): Promise<string> {
  for (const file of ['', ...files]) {
    const path = folder.at(name, ...file.split('/'))
    await mkdir(file === '' ? path : folder.at(name, ...file.split('/').slice(0, -1)), { recursive: true })
    if (file !== '') await writeFile(path, file.endsWith('.json') ? '{}' : '')
  }
  return folder.at(name)
}
const look = (path: string) => inspect({ file: path }, { signal })

test.each([
  ['a model', ['pytorch_model.bin', 'config.json']],
  ['one network', ['diffusion_pytorch_model.bin', 'config.json']],
  ['a PEFT adapter', ['adapter_model.bin', 'adapter_config.json']],
  ['an adapter of diffusers', ['pytorch_lora_weights.bin']],
  ['an old checkpoint', ['v1-5-pruned.ckpt', 'v1-5-pruned.yaml']],
])('%s with its weights only as a pickle is told so', async (name, files) => {
  const path = await make(name, files)
  await expect(look(path)).rejects.toMatchObject({ code: 'pickle-refused' })
  await expect(look(path)).rejects.toThrow('has its weights only as')
  if (name !== 'a PEFT adapter') await expect(inspectModel({ path }, { signal })).rejects.toMatchObject({ code: 'pickle-refused' })
})

test.each([
  ['empty', []],
  ['texts', ['readme.md', 'notes/a.txt']],
])('a folder that is nothing is called so, and by the models no model: %s', async (name, files) => {
  const path = await make(name, files)
  await expect(look(path)).rejects.toMatchObject({ code: 'file-unknown', facts: { path } })
  await expect(inspectModel({ path }, { signal })).rejects.toMatchObject({
    code: 'checkpoint-unknown',
    facts: { kind: 'folder' },
  })
  await expect(inspectModel({ path }, { signal })).rejects.toThrow('is no model')
})

test('a folder of pictures is a data set, with whatever else lies in it, and no model', async () => {
  const path = await make('set', ['old.ckpt', '3_ink/a.txt'])
  await writeFile(folder.at('set', '3_ink', 'a.png'), await encodePng({ width: 64, height: 64, data: new Uint8Array(64 * 64 * 3) }))
  await expect(look(path)).resolves.toMatchObject({ kind: 'dataset', pictures: 1 })
  await expect(inspectModel({ path }, { signal })).rejects.toThrow('is a folder of pictures, not a model')
})
