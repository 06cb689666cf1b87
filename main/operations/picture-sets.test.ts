// Several sets in one run, and captions that are another one each time: a run that is stopped and goes on ends with the same bits.
import { readFile, rm } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { train as trainVerb } from '../../engine/train.ts'
import { trainRequest } from '../../engine/requests/train.ts'
import { Model } from '../../engine/sessions/open-model.ts'
import type { Caption } from '../../engine/training/captions.ts'
import { microBatches } from '../../engine/training/micro-batches.ts'
import { prepareTraining } from '../../engine/training/prepare-training.ts'
import { runIdentity } from '../../engine/training/run-identity.ts'
import { trainingDataset } from '../../engine/training/training-dataset.ts'
import { keptCaptions } from '../../engine/training/varied-captions.ts'
import { train } from '../commands/train.ts'
import { drain } from './drain.ts'
import { fromPairs } from './option-pairs.ts'
import { fakeContext, workFolder, writeDataset, writeTinyModel } from './testing.ts'
import { trainAdapter } from './train.ts'

const folder = await workFolder()
let model: Model
beforeAll(async () => {
  await writeTinyModel(folder.at('tiny'), 'sd1')
  await writeDataset(folder.at('first'), ['a', 'b'])
  await writeDataset(folder.at('second', '3_cats'), ['a', 'c'])
  await writeDataset(folder.at('dogs'), ['d', 'e'])
  model = await Model.open(folder.at('tiny'), { threads: 1 })
})
afterAll(async () => {
  await model[Symbol.asyncDispose]()
  await folder.remove()
})

const requestOf = (more: object) =>
  trainRequest.parse({ dataset: folder.at('first'), rank: 2, steps: 3, resolution: 64, lr: 1e-2, captionDropout: 0, ...more })
const silent = (): undefined => undefined

async function preparedOf(more: object) {
  const request = requestOf(more)
  const dataset = await drain(trainingDataset(request), silent)
  return { request, dataset, prepared: await drain(prepareTraining(model, dataset, request), silent) }
}

test('a set has repeats, size and captions of its own, and what it does not say is as the run says', async () => {
  const further = {
    folder: folder.at('second'),
    repeats: 2,
    resolution: 32,
    flip: true,
    captionPrefix: 'cat,',
    captionDropout: 0.5,
    weight: 0.3,
  }
  const { dataset, prepared } = await preparedOf({ repeats: 4, sets: [further] })
  expect(dataset.pictures.map(({ path, repeats }) => [path, repeats])).toEqual([
    ['a.png', 4],
    ['b.png', 4],
    ['2 second/3_cats/a.png', 6],
    ['2 second/3_cats/c.png', 6],
  ])
  const told = prepared.pictures.map(({ bucket, caption, flip, captionDropout, weight, mirrored }) => [
    ...[bucket.width, caption, flip, captionDropout, weight, mirrored !== undefined],
  ])
  expect(told).toEqual([
    [64, 'a, noise', false, 0, undefined, false],
    [64, 'b, noise', false, 0, undefined, false],
    [32, 'cat, a, noise', true, 0.5, 0.3, true],
    [32, 'cat, c, noise', true, 0.5, 0.3, true],
  ])
})

test('tags come in another order each time, by seed and step alone', async () => {
  const { request, prepared } = await preparedOf({ shuffleCaption: true, captionPrefix: 'x, y, z, w,', keepTokens: 1, batch: 2 })
  const shown = async (n: number, seed = 0): Promise<string[]> => {
    const seen: string[] = []
    const read = async (caption: string) => (seen.push(caption), prepared.captions.get('') as Caption)
    await microBatches(model, { ...request, seed }, { ...prepared, read })(n)
    return seen
  }
  const [first, second] = [await shown(0), await shown(1)]
  expect(first).not.toEqual(second)
  expect(await shown(0)).toEqual(first)
  expect(await shown(0, 1)).not.toEqual(first)
  for (const caption of [...first, ...second]) expect(caption).toMatch(/^x, (?=.*noise)(?=.*\bw\b)/)
})

test('captions are kept as long as there is room, those that were asked for longest ago go first', async () => {
  const reads: string[] = []
  const captionOf = (text: string): Caption => ({ conditioning: {}, feeds: { ids: { shape: [1], data: Float32Array.of(Number(text)) } } })
  const kept = keptCaptions(async (text) => (reads.push(text), captionOf(text)), 8)
  const all = await Promise.all(['1', '2', '1', '3', '1', '2'].map((text) => kept(text)))
  expect(all).toEqual(['1', '2', '1', '3', '1', '2'].map(captionOf))
  expect(reads).toEqual(['1', '2', '3', '2'])
})

test('what is as usual is no part of what a run is known by; where sets lie is none either', async () => {
  const dataset = { fingerprint: 'p', pictures: [] }
  const names = async (more: object): Promise<string[]> => {
    const [was, is] = [await runIdentity(model, requestOf({}), dataset), await runIdentity(model, requestOf(more), dataset)]
    return Object.keys({ ...was, ...is }).filter((name) => was[name] !== is[name])
  }
  expect(Object.keys(await runIdentity(model, requestOf({}), dataset))).not.toContain('shuffleCaption')
  expect(await names({ shuffleCaption: true, keepTokens: 1 })).toEqual(['shuffleCaption', 'keepTokens'])
  expect(await names({ sets: [{ folder: 'a' }] })).toEqual(['sets'])
  const [one, other] = await Promise.all(['a', 'b'].map((at) => runIdentity(model, requestOf({ sets: [{ folder: at }] }), dataset)))
  expect(one).toEqual(other)
})

const usual = { rank: 2, alpha: 1, steps: 3, lr: 1e-2, resolution: 64, batch: 2, title: 'x', shuffleCaption: true, captionTagDropout: 0.3 }
const sets = [`${folder.at('second')},repeats=2,resolution=32,keepTokens=1`, `${folder.at('dogs')},classPictures=true`]

async function trained(name: string, stops: readonly number[]): Promise<Buffer> {
  const out = folder.at(`${name}.safetensors`)
  const given = { ...usual, dataset: folder.at('first'), sets, preservation: 'pictures', out, model: folder.at('tiny'), checkpointEvery: 1 }
  const task = { ...fromPairs(train.input.parse(given)), device: 'cpu', threads: 1 } as const
  for (const stop of [...stops, Infinity]) {
    const [interrupt, context] = [new AbortController(), fakeContext()]
    const afterStep = async (_: unknown, step: number) => void (step >= stop && interrupt.abort())
    const run = trainAdapter(task, { ...context, signal: interrupt.signal }, { afterStep })
    if (stop === Infinity) await run
    else await expect(run).rejects.toMatchObject({ code: 'cancelled' })
  }
  return readFile(out)
}

test('a run of three sets with shuffled captions goes on bit for bit, and its file says how they were shown', async () => {
  const whole = await trained('whole', [])
  expect((await trained('parted', [2])).equals(whole)).toBe(true)
  const text = whole.toString('latin1')
  for (const said of ['"ss_shuffle_caption":"True"', '"ss_caption_tag_dropout_rate":"0.3"', '3_cats', 'resolution = 32'])
    expect(text).toContain(said)
  expect(text).not.toContain(folder.at('second'))
  await rm(folder.at('whole.safetensors'))
})

test('a set of the class without a way to preserve is refused before anything is opened; an unknown setting is named', async () => {
  const events = trainVerb(model, requestOf({ sets: [{ folder: 'nowhere', classPictures: true }] }), { runFolder: folder.at('none.run') })
  await expect(drain(events, silent)).rejects.toMatchObject({ code: 'set-of-class', facts: { set: 2 } })
  const parse = (set: string) => train.input.safeParse({ dataset: 'd', out: 'o', model: 'm', sets: [set] }).error?.issues[0]?.message
  expect(parse('cats,repeat=3')).toMatch('a set has no "repeat", but repeats, weight, ')
  expect(parse('cats,repeats=0')).toMatch('repeats takes a whole number from 1 to 10000')
  expect(parse('cats, and dogs,repeats=2,captionPrefix=12')).toBeUndefined()
})
