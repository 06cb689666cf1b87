import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readPicture } from '../../images/picture.ts'
import { sessionsOpen } from '../../runtime/session.ts'
import { findCaptioner } from '../find-captioner.ts'
import { readPictureInput } from '../picture-input.ts'
import { captioned } from '../testing.ts'
import { encoderModel, taggerModel, tokenLists, writeDescriber, writePictures, type DecoderKind } from '../testing-models.ts'
import { readTokenTexts } from '../token-texts.ts'

interface Recorded {
  readonly pixels: readonly number[]
  readonly ids: Readonly<Record<string, readonly number[]>>
}
interface Fixture extends Readonly<Record<DecoderKind, readonly Recorded[]>> {
  readonly pieces: { readonly ids: number[][]; readonly texts: string[] }
}

const kinds: readonly DecoderKind[] = ['blip', 'merged']
let [root, pictures]: [string, readonly string[]] = ['', []]
let recorded: Fixture
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'pigment-describer-'))
  pictures = await writePictures(join(root, 'pictures'))
  for (const kind of kinds) await writeDescriber(join(root, kind), kind)
  recorded = JSON.parse(await readFile(new URL('../fixtures/captioners.json', import.meta.url), 'utf8')) as Fixture
})
afterAll(() => rm(root, { recursive: true, force: true }))

async function opened(folder: string) {
  const { captioner, files } = await findCaptioner(folder)
  return captioner.open(files, { threads: 1 })
}

test("pictures come in as transformers' processors give them", async () => {
  for (const kind of kinds) {
    const input = await readPictureInput(join(root, kind, 'preprocessor_config.json'))
    for (const [i, path] of pictures.entries()) {
      const { data } = input(await readPicture(path))
      const { pixels } = recorded[kind][i] as Recorded
      const stride = Math.floor(data.length / 40)
      for (const [k, value] of pixels.entries()) expect(Math.abs((data[k * stride] ?? 0) - value)).toBeLessThan(1e-5)
    }
  }
})

test('greedy and by beams, each caption is that which transformers finds', async () => {
  for (const kind of kinds) {
    const text = await readTokenTexts(join(root, kind, kind === 'blip' ? 'vocab.txt' : 'tokenizer.json'))
    await using one = await opened(join(root, kind))
    for (const [i, path] of pictures.entries())
      for (const [beams, ids] of Object.entries((recorded[kind][i] as Recorded).ids)) {
        const said = await one.say(captioned(path), { beams: Number(beams), maxTokens: 9 })
        expect([kind, i, beams, said]).toEqual([kind, i, beams, text(ids)])
      }
  }
})

test('pieces and bytes become words; marks and ids that there are not say nothing', async () => {
  const pieces = await readTokenTexts(join(root, 'blip', 'vocab.txt'))
  expect(recorded.pieces.ids.map((ids) => pieces([...ids, 999]))).toEqual(recorded.pieces.texts)
  const bytes = await readTokenTexts(join(root, 'merged', 'tokenizer.json'))
  const idsOf = (...tokens: string[]): number[] => tokens.map((token) => tokenLists.merged.indexOf(token))
  expect(bytes([0, ...idsOf('a', 'Ġcaf', 'Ã', '©', 'Ġred', 'ish', '.'), 0])).toBe('a café redish.')
  const vocabulary = join(root, 'vocab.json')
  await writeFile(vocabulary, JSON.stringify(Object.fromEntries(tokenLists.merged.map((token, id) => [token, id]))))
  expect((await readTokenTexts(vocabulary))([0, ...idsOf('Ġtwo', 'Ġcat', 's')])).toBe('two cats')
})

test('the shortest edge, the middle and what is not normalised, as the settings say', async () => {
  const write = async (config: object) => {
    const path = join(root, 'preprocessor.json')
    await writeFile(path, JSON.stringify(config))
    return readPictureInput(path)
  }
  const wide = { width: 6, height: 3, data: Uint8Array.from({ length: 54 }, (_, i) => i) }
  const cut = (await write({ size: { shortest_edge: 3 }, do_center_crop: true, crop_size: 2, do_normalize: false, rescale_factor: 1 }))(
    wide,
  )
  expect([cut.width, cut.height, ...cut.data.slice(0, 4)]).toEqual([2, 2, 6, 9, 24, 27])
  const scaled = (await write({ size: { shortest_edge: 2 } }))(wide)
  expect([scaled.width, scaled.height]).toEqual([4, 2])
  await expect(write({ size: 'large' })).rejects.toMatchObject({ code: 'captioner-file' })
})

test('what is missing, broken or of another kind is told by its file, and nothing stays open', async () => {
  const before = sessionsOpen()
  const broken = async (name: string, file: string, text?: string | Uint8Array): Promise<unknown> => {
    const folder = await writeDescriber(join(root, name), 'blip')
    await (text === undefined ? rm(join(folder, file)) : writeFile(join(folder, file), text))
    return opened(folder).catch((error: unknown) => error)
  }
  const told = (name: string) => ({ code: 'captioner-file', facts: { name } })
  expect(await broken('no-config', 'config.json')).toMatchObject({ code: 'captioner-incomplete', facts: { missing: ['config.json'] } })
  expect(await broken('no-words', 'vocab.txt')).toMatchObject({ code: 'captioner-incomplete', facts: { missing: ['tokenizer.json'] } })
  expect(await broken('torn', 'config.json', '{"model_type":')).toMatchObject(told('config.json'))
  expect(await broken('no-marks', 'config.json', '{}')).toMatchObject(told('config.json'))
  expect(await broken('mean', 'preprocessor_config.json', '{"size":24,"image_mean":[1]}')).toMatchObject(told('preprocessor_config.json'))
  expect(await broken('list', 'tokenizer.json', '{"model":{"type":"Unigram","vocab":[]}}')).toMatchObject(told('tokenizer.json'))
  expect(await broken('encoder', 'vision_model.onnx', encoderModel().slice(0, 200))).toMatchObject({ code: 'onnx-unreadable' })
  expect(await broken('decoder', 'text_decoder.onnx', taggerModel())).toMatchObject({ code: 'decoder-input' })
  expect(sessionsOpen()).toBe(before)
})
