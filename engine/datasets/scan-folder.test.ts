import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PigmentError } from '../requests/error.ts'
import { scanFolder } from './scan-folder.ts'

let root: string
let folder: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'pigment-scan-'))
  folder = join(root, 'set')
  await mkdir(folder)
  for (let i = 0; i < 60; i++) for (const kind of ['png', 'txt']) await writeFile(join(folder, `${i}.${kind}`), `caption ${i}`)
})
afterAll(() => rm(root, { recursive: true, force: true }))

test('a caption that could not be read once is read the next time', async () => {
  const { found } = await scanFolder(folder)
  const [[id, one] = []] = [...found]
  const problem = new PigmentError('file-not-found', 'There is no such file.').record()
  const known = new Map([[id ?? '', { ...one!, caption: '', captionProblem: problem }]])
  expect((await scanFolder(folder, known)).found.get(id ?? '')).toEqual(one)
})

test('a folder that goes while it is looked at is missing, and does not hold fewer pictures', async () => {
  for (let i = 0; i < 20; i++) {
    const looked = scanFolder(folder).then(
      ({ found }) => [...found.values()].filter(({ caption }) => caption !== '').length,
      (error: unknown) => (error as PigmentError).code,
    )
    await new Promise((done) => setTimeout(done, i / 4))
    await rename(folder, `${folder}.away`)
    const seen = await looked
    await rename(`${folder}.away`, folder)
    expect(seen).toSatisfy((result) => result === 60 || result === 'dataset-missing')
  }
})
