import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { afterAll, expect, test } from 'vitest'
import { tinyModel, writeDiffusers } from '../../engine/models/testing.ts'
import { doneHere } from '../cli/done-here.ts'
import { models as modelsCommand } from './models.ts'
import { fakeContext, workFolder } from '../operations/testing.ts'

const models = doneHere(modelsCommand)

const folder = await workFolder()
afterAll(folder.remove)

test('models are listed where they are links, and those in a Hugging Face cache by their names', async () => {
  const snapshot = folder.at('hub', 'models--some--painter', 'snapshots', '0123abc')
  await writeDiffusers(snapshot, tinyModel('sd1'))
  await symlink(snapshot, folder.at('hub', 'linked'))
  await mkdir(folder.at('hub', 'models--some--unfinished', 'snapshots'), { recursive: true })
  await mkdir(folder.at('hub', 'datasets--some--pictures', 'snapshots', '99'), { recursive: true })
  await writeFile(folder.at('hub', 'version.txt'), '1')
  const found = (await models.run(fakeContext(), { folder: [folder.at('hub')], givenOnly: true }, new AbortController().signal)) as {
    models: { name: string; embedded: boolean }[]
    others: unknown[]
  }
  expect(found.models.filter(({ embedded }) => !embedded).map(({ name }) => name)).toEqual(['linked', 'painter'])
  expect(found.others).toEqual([])
})
