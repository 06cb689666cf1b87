// A run that is watched learns what it would have learnt unseen; it can be stopped anywhere, ends where it gets no better, and gives the step that held-out
// pictures recommend.
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { trainRequest } from '../../engine/requests/train.ts'
import type { TrainEvent } from '../../engine/requests/train-events.ts'
import { trainingDataset } from '../../engine/training/training-dataset.ts'
import { trainingRules } from '../../engine/training-rules.ts'
import { train } from './engine/train.ts'
import { recommend } from './tools/recommend.ts'
import { train as command } from '../commands/train.ts'
import { drain } from './drain.ts'
import { fakeContext, weightsIn, workFolder, writeDataset, writeTinyModel } from './testing.ts'

const folder = await workFolder()
beforeAll(async () => {
  await writeTinyModel(folder.at('tiny'), 'sd1')
  await writeDataset(folder.at('pictures'), ['a', 'b', 'c', 'd', 'e'])
})
afterAll(folder.remove)

async function run(name: string, more: object, stops: readonly number[] = []) {
  const usual = { model: folder.at('tiny'), dataset: folder.at('pictures'), rank: 2, alpha: 1, steps: 6, lr: 1e-2, resolution: 32, title: 'x', heldOutCount: 2 } // prettier-ignore
  const out = folder.at(`${name}.safetensors`)
  const given = command.input.parse({ ...usual, ...more, out }) as unknown as Parameters<typeof train>[0]
  const told: TrainEvent[] = []
  for (const stop of [...stops, Infinity]) {
    const [interrupt, context] = [new AbortController(), fakeContext()]
    const emit = (event: TrainEvent): void => {
      told.push(event)
      if (event.type === 'step' && event.step >= stop) interrupt.abort()
    }
    const seenBy = { ...context, emit: emit as typeof context.emit, signal: interrupt.signal }
    const running = train({ ...given, device: 'cpu', threads: 1, checkpointEvery: 4 }, seenBy)
    if (stop === Infinity) await running
    else await expect(running).rejects.toMatchObject({ code: 'cancelled' })
  }
  const of = <T extends TrainEvent['type']>(type: T) =>
    told.filter((event): event is Extract<TrainEvent, { type: T }> => event.type === type)
  const record = await readFile(folder.at(`${name}.validation.json`), 'utf8').catch(() => '')
  return { file: await readFile(out), record, of, leftOver: existsSync(folder.at(`${name}.run`)) }
}

const watching = { validateEvery: 4, diagnosticsEvery: 2 }

test('watched or not, stopped or not, the adapter has the same bytes; so has what was measured', async () => {
  const long = { steps: 12, batch: 2 }
  const [unseen, seen] = [await run('unseen', long), await run('seen', { ...long, ...watching })]
  // The recipe in the header tells how it was watched.
  expect(weightsIn(seen.file).equals(weightsIn(unseen.file))).toBe(true)
  const points = seen.of('validation')
  expect(points.map(({ step }) => step)).toEqual([0, 4, 8, 12])
  expect(points[0]?.gap).toBe(0)
  expect(points[3]?.levels.map(({ timestep }) => timestep)).toEqual([200, 400, 600, 800])
  expect(points.every(({ heldOut, trained }) => heldOut > 0 && trained > 0)).toBe(true)
  expect(new Set(points.map(({ heldOut }) => heldOut)).size).toBe(4)
  expect(seen.of('recommendation')).toHaveLength(1)
  expect([seen.leftOver, unseen.leftOver, unseen.record]).toEqual([false, false, ''])

  const parted = await run('parted', { ...long, ...watching }, [5])
  expect(parted.file.equals(seen.file)).toBe(true)
  expect(parted.record).toBe(seen.record)
  for (const type of ['diagnostics', 'picture-losses', 'rank-use'] as const) expect(parted.of(type).at(-1)).toEqual(seen.of(type).at(-1))

  // By block, by layer and by picture.
  const { of } = seen
  const last = of('diagnostics').at(-1)
  expect([of('diagnostics')[0]?.step, last?.step]).toEqual([2, 12])
  for (const { block, gradNorm, update } of last?.blocks ?? []) {
    expect(block).toMatch(/^(IN|M|OUT)\d\d$/)
    expect(gradNorm > 0 && update > 0 && update < 1).toBe(true)
  }
  // Blocks share the norm of the whole gradient.
  const whole = Math.hypot(...(last?.blocks.map(({ gradNorm }) => gradNorm) ?? []))
  expect(whole / (of('step').at(-1)?.gradNorm ?? 0)).toBeCloseTo(1, 4)
  const use = of('rank-use').at(-1)
  expect(use?.rank).toBe(2)
  expect(use?.layers.every(({ used }) => used >= 1 && used <= 2.001)).toBe(true)
  const pictures = of('picture-losses').at(-1)?.pictures ?? []
  expect(pictures.map(({ path }) => path).toSorted()).toEqual(['a.png', 'b.png', 'd.png'])
  expect(of('warning')).toEqual([])
})

test('it ends where it gets no better, at the same step when it was stopped and gone on with', async () => {
  // With no rate worth the name nothing gets better.
  const still = { validateEvery: 1, patience: 2, minDelta: 0.2, lr: 1e-4, steps: 20 }
  const whole = await run('still', still)
  expect(whole.of('plateau')).toEqual([{ type: 'plateau', step: 2, best: 0, measurements: 2 }])
  expect(whole.of('done')[0]?.step).toBe(2)
  expect(whole.leftOver).toBe(false)
  const parted = await run('still-parted', still, [1])
  expect(parted.file.equals(whole.file)).toBe(true)
  expect(whole.file.includes('"ss_steps":"2"')).toBe(true)
})

test('the adapter that is kept is the recommended one, as a run of so many steps would have it', async () => {
  // A rate at which the tiny model soon gets worse.
  const wild = { validateEvery: 1, lr: 1, course: 'constant', steps: 5 }
  const best = await run('best', { ...wild, keep: 'best' })
  const [{ step, last } = { step: 0, last: 0 }] = best.of('recommendation')
  expect(last).toBe(5)
  expect(step).toBeLessThan(5)
  const short = await run('short', { ...wild, steps: step })
  expect(weightsIn(best.file).equals(weightsIn(short.file))).toBe(true)
  expect(best.file.includes(`"ss_steps":"${step}"`)).toBe(true)
  expect(best.leftOver).toBe(false)
  const told = await recommend({ run: folder.at('best.run') })
  expect(told.recommendation).toEqual(best.of('recommendation')[0]?.reason)
  expect(told.steps.map((one) => one.step)).toEqual([0, 1, 2, 3, 4, 5])
})

test('a split that cannot be is refused before anything is loaded, and says which flag helps', async () => {
  const refused = async (more: object) => {
    const asked = trainRequest.parse({ dataset: folder.at('pictures'), ...more })
    for (const rule of trainingRules) rule(asked)
    await drain(trainingDataset({ ...asked, badPictures: 'refuse' }), () => undefined)
  }
  await writeDataset(folder.at('silent'), ['p', 'q'], ['p', 'q'])
  await expect(refused({ heldOutCount: 5 })).rejects.toMatchObject({ code: 'held-out-too-many', facts: { count: 5, pictures: 5 } })
  await expect(refused({ validateEvery: 5 })).rejects.toMatchObject({ code: 'held-out-none' })
  await expect(refused({ validateEvery: 5, heldOut: 0.1 })).rejects.toMatchObject({ code: 'held-out-none', facts: { pictures: 5 } })
  await expect(refused({ heldOut: 0.2, heldOutCount: 1 })).rejects.toMatchObject({ code: 'held-out-twice' })
  await expect(refused({ keep: 'best' })).rejects.toMatchObject({ code: 'validation-none' })
  await expect(refused({ patience: 2, heldOutCount: 1 })).rejects.toMatchObject({ code: 'validation-none' })
  await expect(refused({ heldOutFolder: folder.at('silent') })).rejects.toMatchObject({ code: 'dataset-unusable' })
  await expect(refused({ heldOutFolder: folder.at('pictures') })).rejects.toMatchObject({ code: 'held-out-seen', facts: { seen: 5 } })
  await expect(recommend({ run: folder.at('x') })).rejects.toMatchObject({ code: 'validation-missing' })
})
