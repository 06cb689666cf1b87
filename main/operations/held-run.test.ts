// A run that stands still is drawn with, and then goes on as if it had not been.
import { existsSync } from 'node:fs'
import { copyFile, readdir, readFile, utimes } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openSafetensors } from '../../engine/files/safetensors.ts'
import { generateRequest } from '../../engine/requests/generate.ts'
import { train as command } from '../commands/train.ts'
import { draw } from './engine/draw.ts'
import { train } from './engine/train.ts'
import { heldModel, releaseModel } from './held-model.ts'
import { fromPairs } from './option-pairs.ts'
import { pauseWords } from './pause-gate.ts'
import { runFolderOf, stoppedAdapter } from './run-folder.ts'
import { fakeContext, workFolder, writeDataset, writeTinyModel } from './testing.ts'

const folder = await workFolder()
const { machinery } = folder
const model = folder.at('tiny')
beforeAll(async () => {
  await writeTinyModel(model, 'sd1')
  await writeDataset(folder.at('pictures'), ['a', 'b'])
  await run('whole')
})
afterEach(releaseModel)
afterAll(folder.remove)

const steps = 3
const outOf = (name: string): string => folder.at(`${name}.safetensors`)
const adapterOf = (name: string): string => stoppedAdapter(runFolderOf(outOf(name)))

interface Meanwhile {
  readonly pauseAfter: readonly number[]
  /** While it stands still; then it is told to go on. */
  readonly paused?: (step: number, stop: () => void) => Promise<unknown>
}

/** Trains; its events by their type and step. */
async function run(name: string, { pauseAfter, paused }: Meanwhile = { pauseAfter: [] }): Promise<string[]> {
  const input = command.input.parse({ dataset: folder.at('pictures'), model, out: outOf(name), rank: 2, alpha: 2, steps, lr: 1e-2, resolution: 64, title: 'x', layers: 'all', groups: 'self-q' }) // prettier-ignore
  const [context, stopped, told] = [fakeContext(), new AbortController(), [] as string[]]
  let say: (what: string) => void = () => undefined
  await train(
    { ...fromPairs(input), ...machinery },
    {
      ...context,
      signal: stopped.signal,
      onNotify: (hear) => void (say = hear),
      emit(event) {
        if (['start', 'paused', 'resumed', 'done'].includes(event.type)) told.push(`${event.type} ${'step' in event ? event.step : ''}`)
        if ('step' in event && pauseAfter.includes(event.step) && (event.type === 'step' || event.type === 'start')) say(pauseWords.pause)
        if (event.type === 'paused')
          void (paused?.(event.step, () => stopped.abort()) ?? Promise.resolve()).then(() => say(pauseWords.goOn))
      },
    },
  )
  return told
}

const picture = async (name: string, file: string, out: string): Promise<Buffer> => {
  const request = generateRequest.parse({ prompt: 'a', steps: 1, cfg: 1, width: 64, height: 64, seed: 3 })
  const loras = [{ file, name, weight: 1, enabled: true }]
  await draw({ ...machinery, model, pictures: [{ request, loras, out: folder.at(out), form: '{}' }], preview: false }, fakeContext())
  return readFile(folder.at(out))
}

test('paused, drawn with on its own model, and gone on with: the file is that of a run that was never paused', async () => {
  let opened = 0
  let drawn: Uint8Array = new Uint8Array()
  const told = await run('parted', {
    pauseAfter: [2],
    async paused() {
      await heldModel({ model, computePrecision: 'auto' }, { ...machinery, emit: () => opened++ })
      drawn = await picture('x · 2', adapterOf('parted'), 'paused.png')
      await copyFile(adapterOf('parted'), folder.at('kept.safetensors'))
      expect((await openSafetensors(adapterOf('parted'))).metadata.get('ss_steps')).toBe('2')
    },
  })
  expect(told).toEqual(['start 0', 'paused 2', 'resumed 2', `done ${steps}`])
  // No model was opened for it.
  expect(opened).toBe(0)
  const [whole, parted] = await Promise.all(['whole', 'parted'].map((name) => readFile(outOf(name))))
  expect(parted?.equals(whole as Buffer)).toBe(true)
  expect(existsSync(runFolderOf(outOf('parted')))).toBe(false)

  // Drawn on the run's own model as on any.
  expect(await picture('x · 2', folder.at('kept.safetensors'), 'apart.png')).toEqual(drawn)
})

test('stopped while it stands still, it goes on from its checkpoint; paused before the first step it has left nothing to draw with', async () => {
  await expect(run('stopped', { pauseAfter: [2], paused: async (_, stop) => stop() })).rejects.toMatchObject({ code: 'cancelled' })
  expect(await run('stopped')).toEqual(['start 2', `done ${steps}`])
  // After the last step there is nothing to stand still before.
  const ends = await run('ends', { pauseAfter: [0, steps], paused: async () => expect(existsSync(adapterOf('ends'))).toBe(false) })
  expect(ends).toEqual(['start 0', 'paused 0', 'resumed 0', `done ${steps}`])
  const whole = await readFile(outOf('whole'))
  for (const name of ['stopped', 'ends']) expect((await readFile(outOf(name))).equals(whole)).toBe(true)
})

test('a model whose file changed meanwhile is not gone on with, and its checkpoint is kept', async () => {
  const file = folder.at('tiny', 'unet', 'diffusion_pytorch_model.safetensors')
  const paused = async (): Promise<void> => utimes(file, 1, 1)
  await expect(run('changed', { pauseAfter: [2], paused })).rejects.toMatchObject({ code: 'model-changed', facts: { file } })
  expect(await readdir(runFolderOf(outOf('changed')))).toContain('step-00000002')
})
