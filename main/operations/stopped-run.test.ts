// A run that is stopped offers what it has learnt so far, and goes on all the same.
import { existsSync } from 'node:fs'
import { readFile, symlink } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSafetensors } from '../../engine/files/safetensors.ts'
import { train } from '../commands/train.ts'
import { fromPairs } from './option-pairs.ts'
import { adapterOfRun } from './run-folder.ts'
import { holdRunFolder } from './run-lock.ts'
import { fakeContext, workFolder, writeDataset, writeTinyModel } from './testing.ts'
import { exportAdapter } from './tools/export-adapter.ts'
import { trainAdapter, type TrainHooks } from './train.ts'

const folder = await workFolder()
const model = folder.at('tiny')
beforeAll(async () => {
  await writeTinyModel(model, 'sd1')
  await writeDataset(folder.at('pictures'), ['a', 'b'])
})
afterAll(folder.remove)

const run = (
  name: string,
  { cautious, ...more }: Readonly<Record<string, unknown>> = {},
  hooks: TrainHooks = {},
  context = fakeContext(),
) => {
  const out = folder.at(`${name}.safetensors`)
  const input = train.input.parse({ dataset: folder.at('pictures'), model, out, rank: 2, alpha: 2, steps: 4, lr: 1e-2, resolution: 64, title: 'x', ...more }) // prettier-ignore
  return trainAdapter({ ...fromPairs(input), ...(cautious === true ? { cautious } : {}), device: 'cpu', threads: 1 }, context, hooks)
}

test('--stop-at leaves the adapter as it is then, which is exported out of the folder of the run; the same command goes on', async () => {
  await run('whole')
  const [kept, runFolder] = [folder.at('parted.run', 'adapter.safetensors'), folder.at('parted.run')]
  const [began, wentOn] = [fakeContext(), fakeContext()]
  expect(await run('parted', { stopAt: 2, cautious: true }, {}, began)).toMatchObject({ out: kept, steps: 2, of: 4, runFolder })
  const out = folder.at('so-far.safetensors')
  await exportAdapter({ file: runFolder, to: 'kohya', out, model, check: false, leaveOut: [], strip: false }, fakeContext())
  const { metadata } = await openSafetensors(out)
  // As sd-scripts has it: what was made, and what was planned. An epoch of this set has two steps.
  const told = ['ss_steps', 'ss_epoch', 'ss_max_train_steps', 'ss_num_epochs'].map((key) => metadata.get(key))
  expect(told).toEqual(['2', '1', '4', '2'])
  await run('parted', { cautious: true }, {}, wentOn)
  // What is unwise about the pictures is told where a run begins.
  const warned = [began, wentOn].map(
    ({ records }) => records.filter(({ type, code }) => type === 'warning' && code === 'set-few-pictures').length,
  )
  expect(warned).toEqual([1, 0])
  expect(existsSync(runFolder)).toBe(false)
  const [whole, parted] = await Promise.all(['whole', 'parted'].map((name) => readFile(folder.at(`${name}.safetensors`))))
  expect(parted?.equals(whole as Buffer)).toBe(true)
})

test('who stops a run is told where its adapter is; one that was killed says how to come by it', async () => {
  const [interrupt, context] = [new AbortController(), fakeContext()]
  const afterStep: TrainHooks['afterStep'] = async (_, step) => void (step >= 1 && interrupt.abort())
  const stopped = run('stopped', {}, { afterStep }, { ...context, signal: interrupt.signal })
  const adapter = folder.at('stopped.run', 'adapter.safetensors')
  await expect(stopped).rejects.toMatchObject({ code: 'cancelled', message: expect.stringContaining('pigment export'), facts: { adapter } })
  expect(await adapterOfRun(folder.at('stopped.run'))).toBe(adapter)
  await expect(run('killed', { checkpointEvery: 1 }, { afterStep: () => Promise.reject(new Error('gone')) })).rejects.toThrow('gone')
  await expect(adapterOfRun(folder.at('killed.run'))).rejects.toMatchObject({ code: 'run-not-stopped' })
  expect(await adapterOfRun(model)).toBe(model)
})

test('a run is one process’s: while it trains nobody else gets its folder, by whatever way to it; afterwards anybody does', async () => {
  await symlink(folder.at(), folder.at('way'))
  const ways = [folder.at('held.run'), folder.at('way', 'held.run')]
  const refused: unknown[] = []
  const afterStep: TrainHooks['afterStep'] = async () => {
    for (const way of ways) refused.push(await holdRunFolder(way, 0).catch((error: unknown) => error))
    await (await holdRunFolder(folder.at('other.run'), 0))[Symbol.asyncDispose]()
  }
  await run('held', { steps: 1 }, { afterStep })
  expect(refused).toMatchObject(ways.map((way) => ({ code: 'run-in-use', facts: { folder: way } })))
  await (await holdRunFolder(folder.at('held.run'), 0))[Symbol.asyncDispose]()
})
