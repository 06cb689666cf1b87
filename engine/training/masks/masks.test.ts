import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { scanDataset, type Dataset } from '../../datasets/dataset.ts'
import sharp from '../../images/loaders.ts'
import { encodePng } from '../../images/write-png.ts'
import { diffusion } from '../../processes/diffusion.ts'
import { usualSchedule } from '../../models/prediction.ts'
import { trainRequest } from '../../requests/train.ts'
import type { Model } from '../../sessions/open-model.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { trainingRules } from '../../training-rules.ts'
import type { Caption } from '../captions.ts'
import { batchesOf, microBatches } from '../micro-batches.ts'
import type { Prepared } from '../prepare-training.ts'
import { maskingOf } from './mask.ts'
import { withMasks } from './with-masks.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'masks-'))
})
afterEach(() => rm(folder, { recursive: true }))

const grey = (width: number, height: number): Promise<Uint8Array> =>
  encodePng({ width, height, data: new Uint8Array(width * height * 3).fill(width) })
const fill = async (files: Record<string, Uint8Array | string>): Promise<void> => {
  for (const [path, content] of Object.entries(files)) await writeFile(join(folder, path), content)
}
const request = (given: object) => trainRequest.parse({ dataset: folder, ...given })

async function masked(given: object): Promise<{ dataset: Dataset; warned: string[] }> {
  const events = withMasks(request(given), await scanDataset(folder))
  const warned: string[] = []
  for (;;) {
    const next = await events.next()
    if (next.done) return { dataset: next.value, warned }
    if (next.value.type === 'warning') warned.push(next.value.message)
  }
}

test('masks beside pictures are no pictures of the set, and belong to those whose name they have', async () => {
  await fill({
    'a.jpg.png': await grey(12, 8),
    'a.jpg.txt': 'a',
    'b.png': await grey(12, 8),
    'b.txt': 'b',
    'b-masklabel.png': await grey(12, 8),
  })
  await fill({ 'lone-masklabel.png': await grey(12, 8), 'lone-masklabel.txt': 'a picture that is called so' })
  const { pictures, problems } = await scanDataset(folder)
  expect([pictures.map(({ path }) => path), problems]).toEqual([['a.jpg.png', 'b.png', 'lone-masklabel.png'], []])
  const { dataset, warned } = await masked({ maskedLoss: 'sidecar' })
  expect(dataset.pictures.map(({ mask }) => mask?.file)).toEqual([undefined, join(folder, 'b-masklabel.png'), undefined])
  expect(warned).toEqual(['2 of 3 pictures have no mask, and are learnt whole.'])
  expect((await masked({})).dataset.pictures.some(({ mask }) => mask)).toBe(false)
  // A set that is learnt whole beside others lacks no masks.
  const own = await scanDataset(folder)
  const whole = { ...own, pictures: own.pictures.map((one) => (one.path === 'b.png' ? one : { ...one, own: { masked: false } })) }
  const { value, done } = await withMasks(request({ maskedLoss: 'sidecar' }), whole).next()
  expect([done, value && 'pictures' in value && (value as Dataset).pictures.map(({ mask }) => mask !== undefined)]).toEqual([
    true,
    [false, true, false],
  ])
})

test('transparency, and a folder of masks of the same names', async () => {
  const clear = await sharp({ create: { width: 12, height: 8, channels: 4, background: { r: 1, g: 2, b: 3, alpha: 0.5 } } })
    .png()
    .toBuffer()
  await fill({ 'a.png': clear, 'a.txt': 'a', 'b.png': await grey(12, 8), 'b.txt': 'b' })
  expect((await masked({ maskedLoss: 'alpha' })).dataset.pictures.map(({ mask }) => mask?.channel)).toEqual(['alpha', undefined])
  const maskFolder = join(folder, 'x')
  await mkdir(maskFolder)
  await fill({ 'x/b.png': await grey(12, 8), 'x/a.png': await grey(12, 8) })
  const { dataset, warned } = await masked({ maskFolder })
  expect(dataset.pictures.map(({ mask }) => mask?.file)).toEqual([join(maskFolder, 'a.png'), join(maskFolder, 'b.png')])
  expect(warned).toEqual([])
})

test('what cannot be is refused before anything is loaded', async () => {
  await fill({ 'a.png': await grey(12, 8), 'a.txt': 'a' })
  await expect(masked({ maskedLoss: 'sidecar' })).rejects.toThrow('None of the 1 pictures')
  await expect(masked({ maskedLoss: 'alpha' })).rejects.toMatchObject({ code: 'masks-missing' })
  await expect(masked({ maskFolder: join(folder, 'gone') })).rejects.toMatchObject({ code: 'mask-folder-missing' })
  await fill({ 'a-masklabel.png': await grey(10, 8) })
  await expect(masked({ maskedLoss: 'sidecar' })).rejects.toThrow('"a-masklabel.png" has 10×8 pixels, and its picture "a.png" has 12×8')
  await fill({ 'a-masklabel.png': 'no picture' })
  await expect(masked({ maskedLoss: 'sidecar' })).rejects.toMatchObject({ code: 'picture-format' })
  const refused = (given: object): string[] =>
    trainingRules.flatMap((rule) => {
      try {
        rule(request(given))
        return []
      } catch (error) {
        return [(error as { code: string }).code]
      }
    })
  expect(refused({ maskedLoss: 'folder' })).toEqual(['mask-folder-missing'])
  expect(refused({ unmaskedWeight: 0.1 })).toEqual(['field-needs'])
  expect(refused({ maskedLoss: 'alpha', maskFolder: 'x' })).toEqual(['masked-loss-options'])
})

test('a mask is mirrored with its picture, left out with its probability, and fed by row: of each micro-batch the same again, in any order', async () => {
  const process = diffusion(usualSchedule('epsilon', false))
  const model = { checkpoint: { family: 'sd1', unet: { config: { inChannels: 1 } } }, pixelFactor: 8, process } as unknown as Model
  const latent = { mean: new Float32Array(6), deviation: new Float32Array(6) }
  const bucket = { width: 24, height: 16 }
  const picture = { bucket, original: bucket, repeats: 1, caption: '', plain: latent, mirrored: latent }
  const prepared: Prepared = {
    pictures: [{ ...picture, mask: Float32Array.of(0, 0.5, 1, 0.2, 0.4, 0.6) }, picture],
    captions: new Map([['', { conditioning: {}, feeds: {} } as Caption]]),
    chunks: 1,
  }
  const noises = { noiseOffset: 0.1, noiseOffsetRandomStrength: true, multiresNoiseIterations: 3, ipNoiseGamma: 0.1, timestepDraw: 'beta' }
  const given = request({ maskedLoss: 'alpha', unmaskedWeight: 0.1, unmaskedProbability: 0.3, batch: 2, flip: true, seed: 4, ...noises })
  const [feeds, plan] = [microBatches(model, given, prepared), batchesOf(given, prepared)]
  const least = Float32Array.of(0.1, 0.5, 1, 0.2, 0.4, 0.6)
  const turned = Float32Array.of(1, 0.5, 0.1, 0.6, 0.4, 0.2)
  const ones = new Float32Array(6).fill(1)
  const seen = { plain: 0, turned: 0, bare: 0 }
  for (let n = 0; n < 60; n++) {
    const { mask } = await feeds(n)
    const { pictures, flips } = plan.step(n)
    expect(mask?.shape).toEqual([2, 1, 2, 3])
    for (const row of [0, 1]) {
      const found = (mask as Tensor).data.slice(row * 6, row * 6 + 6)
      if (pictures[row] === 1) expect(found).toEqual(ones)
      else if (found.every((value) => value === 1)) seen.bare++
      else {
        expect(found).toEqual(flips[row] ? turned : least)
        seen[flips[row] ? 'turned' : 'plain']++
      }
    }
    expect(feeds(n)).toEqual(feeds(n))
  }
  expect(seen.bare).toBeGreaterThan(8)
  expect(seen.bare).toBeLessThan(30)
  expect(Math.min(seen.plain, seen.turned)).toBeGreaterThan(8)
})

test('who asks for no mask has none, and the file tells of those of others', () => {
  expect(maskingOf(request({}))).toBeUndefined()
  expect(maskingOf(request({ maskedLoss: 'sidecar', normalizeMaskedArea: true }))?.metadata).toEqual({
    ss_masked_loss: 'True',
    'pigment.mask': '{"mask":"sidecar","unmaskedWeight":0,"unmaskedProbability":0,"normalizeMaskedArea":true}',
  })
})
