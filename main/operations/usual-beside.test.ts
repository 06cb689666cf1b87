import { afterAll, expect, test } from 'vitest'
import { choices } from '../../engine/choices.ts'
import { openSafetensors } from '../../engine/files/safetensors.ts'
import { trainRequest } from '../../engine/requests/train.ts'
import { train } from '../commands/train.ts'
import { fakeContext, workFolder, writeDataset, writeTinyModel } from './testing.ts'
import { trainAdapter } from './train.ts'

const folder = await workFolder()
afterAll(folder.remove)

test('what goes with a choice is left open by the command, or it would never be taken', () => {
  const given = train.input.parse({ dataset: 'd', out: 'o' }) as Readonly<Record<string, unknown>>
  for (const [field, all] of Object.entries(choices))
    for (const { name, usual } of Object.hasOwn(trainRequest.shape, field) ? all : [])
      for (const key of Object.keys(usual ?? {})) expect([field, name, key, given[key]]).toEqual([field, name, key, undefined])
})

test.each([
  [{}, { ss_learning_rate: '0.0001', ss_lr_scheduler: 'cosine' }],
  [{ optimizer: 'prodigy' }, { ss_learning_rate: '1', ss_lr_scheduler: 'cosine', ss_optimizer: 'Prodigy(weight_decay=0.01)' }],
  [
    { optimizer: 'schedule-free', lr: 0.5 },
    { ss_learning_rate: '0.5', ss_lr_scheduler: 'constant' },
  ],
])('a run that is asked for %o tells %o', async (asked, told) => {
  await writeTinyModel(folder.at('tiny'), 'sd1')
  await writeDataset(folder.at('pictures'), ['a'])
  const out = folder.at('out.safetensors')
  const usual = { dataset: folder.at('pictures'), model: folder.at('tiny'), out, rank: 2, alpha: 2, steps: 1, resolution: 32 }
  await trainAdapter({ ...train.input.parse({ ...usual, ...asked }), ...folder.machinery }, fakeContext())
  expect(Object.fromEntries((await openSafetensors(out)).metadata)).toMatchObject(told)
})
