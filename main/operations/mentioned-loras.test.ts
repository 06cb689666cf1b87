// `<lora:…>` in the prompt of the command line, and what of a prompt is not understood.
import { mkdir, readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { moduleShapes, writeAdapter } from '../../engine/adapter-formats/read.ts'
import { readPngText } from '../../engine/images/formats/png-text.ts'
import { readRecipe } from '../../engine/images/recipe.ts'
import { openCheckpoint } from '../../engine/models/open-checkpoint.ts'
import type { Model } from '../../engine/sessions/open-model.ts'
import { LoraShelf } from './lora-shelf.ts'
import { doneHere } from '../cli/done-here.ts'
import { generate as generateCommand } from '../commands/generate.ts'
import { findMentioned } from './mentioned-loras.ts'
import { fakeContext, never, randomAdapter, workFolder, writeTinyModel } from './testing.ts'

const generate = doneHere(generateCommand)

const folder = await workFolder()
const model = folder.at('tiny')
const loras = folder.at('loras')

beforeAll(async () => {
  await writeTinyModel(model, 'sd1')
  const modules = moduleShapes(await openCheckpoint(model))
  await mkdir(folder.at('loras', 'styles'), { recursive: true })
  // A file of another name that is titled ink, found first where titles count as much as names.
  for (const [path, title] of [
    ['a.safetensors', 'ink'],
    ['ink.safetensors', 'Black ink'],
    ['styles/moss.safetensors', 'Moss'],
  ] as const) {
    const adapter = { ...(await randomAdapter(model, title)), metadata: { 'modelspec.title': title } }
    await writeAdapter(adapter, 'kohya', folder.at('loras', path), { modules, precision: 'fp32' })
  }
})
afterAll(folder.remove)

async function draw(name: string, given: Partial<Parameters<typeof generate.input.parse>[0] & object>) {
  const context = fakeContext()
  const out = folder.at(`${name}.png`)
  const usual = { model, prompt: 'a cat', steps: 1, cfg: 2, width: 32, height: 32, loraFolder: loras, out }
  const result = await generate.run(context, generate.input.parse({ ...usual, ...given }), never)
  const bytes = await readFile(out)
  // Every picture here is much smaller than what the model was made for, and tells so.
  const told = context.records.filter(({ type, code }) => type === 'warning' && code !== 'draw-size-far')
  const warnings = told.map(({ code, facts }) => ({ code, facts }))
  return { result, bytes, warnings, text: readPngText(bytes, name)[0]?.text }
}

test('a tag names a file of the folder, then a title, in any case of letters', async () => {
  const files = async (...names: string[]) =>
    (
      await findMentioned(
        names.map((name) => ({ name, weight: 1 })),
        loras,
      )
    ).map(({ file }) => file.slice(loras.length + 1))
  expect(await files('ink', 'INK', 'black ink', 'moss', 'a', 'styles/moss.safetensors', 'x\\Ink')).toEqual([
    'ink.safetensors',
    'ink.safetensors',
    'ink.safetensors',
    'styles/moss.safetensors',
    'a.safetensors',
    'styles/moss.safetensors',
    'ink.safetensors',
  ])
  await expect(files('gone')).rejects.toMatchObject({ code: 'adapter-unknown', facts: { name: 'gone', names: ['a', 'ink', 'moss'] } })
  await expect(findMentioned([{ name: 'ink', weight: 1 }], folder.at('nowhere'))).rejects.toMatchObject({ code: 'adapter-unknown' })
  expect(await findMentioned([], folder.at('nowhere'))).toEqual([])
})

test('a tag draws what --lora draws, its words are no words of the prompt, and its options are told', async () => {
  const flag = await draw('flag', { lora: [`${folder.at('loras', 'ink.safetensors')}=0.5`] })
  const tag = await draw('tag', { prompt: 'a cat <lora:ink:0.5>' })
  const plain = await draw('plain', {})
  expect(tag.bytes.equals(flag.bytes)).toBe(true)
  expect(tag.bytes.equals(plain.bytes)).toBe(false)
  expect([tag.result.loras.length, tag.warnings]).toEqual([1, []])
  expect(tag.text).toMatch(/^a cat <lora:ink:0\.5>\nSteps: 1, Sampler: DDIM, .*Lora weights: "ink: 0.5"/)

  const apart = await draw('apart', { prompt: 'a cat <lora:ink:0:0.5>' })
  expect(apart.text).toContain('Lora weights: "ink: 0:0.5"')
  // A1111 reads the tag, and draws with it; here the prompt is what was asked for.
  expect(apart.text).toMatch(/^a cat <lora:ink:0:0\.5>\n/)
  const recalled = readRecipe([{ keyword: 'parameters', text: apart.text ?? '' }])
  expect(recalled).toMatchObject({ prompt: 'a cat', loras: [{ name: 'ink', weight: 0.5, textWeight: 0 }] })
  expect(plain.text).toMatch(/^a cat\n/)
  // This adapter has nothing in the text encoder.
  expect((await draw('both', { prompt: 'a cat <lora:ink:0.5>' })).bytes.length).toBe(tag.bytes.length)

  const odd = await draw('odd', { prompt: 'a {cat} <lora:ink:0.5:hr=1>', negative: '<lora:ink:1>' })
  expect(odd.warnings).toEqual([
    { code: 'lora-options', facts: { file: folder.at('loras', 'ink.safetensors'), ignored: ['hr=1'] } },
    { code: 'prompt-syntax', facts: { where: 'prompt', found: ['{cat}'] } },
    { code: 'prompt-syntax', facts: { where: 'negative', found: ['<lora:ink:1>'] } },
  ])
})

test('blocks of a tag draw what those of --lora draw, are written into the picture and recalled; wrong ones are told', async () => {
  const path = folder.at('loras', 'ink.safetensors')
  const flag = await draw('flag-blocks', { lora: [`${path}=0.5:te=0.25:lbw=IN01=-1,M00=0`] })
  const list = [1, 1, -1, ...Array<number>(10).fill(1), 0, ...Array<number>(12).fill(1)].join(',')
  const tag = await draw('tag-blocks', { prompt: `a cat <lora:ink:0.25:0.5:lbw=${list}>` })
  expect(tag.bytes.equals(flag.bytes)).toBe(true)
  expect(tag.text?.split('\n')[0]).toBe(`a cat <lora:ink:0.25:0.5:lbw=${list}>`)
  expect(tag.text).toContain(`Lora weights: "ink: 0.25:0.5:lbw=${list}"`)
  expect(readRecipe([{ keyword: 'parameters', text: tag.text ?? '' }])).toMatchObject({
    prompt: 'a cat',
    loras: [{ name: 'ink', weight: 0.5, textWeight: 0.25, lbw: list }],
  })
  const whole = await draw('whole', { lora: [`${path}=0.5:te=0.25`] })
  expect(tag.bytes.equals(whole.bytes)).toBe(false)
  await expect(draw('wrong', { prompt: 'a cat <lora:ink:1:lbw=1,0>' })).rejects.toMatchObject({
    code: 'block-weights',
    facts: { text: '1,0' },
  })
})

test('steps of a tag draw what those of --lora draw, are written in whole steps for others and as they are for us, and are recalled', async () => {
  const path = folder.at('loras', 'ink.safetensors')
  const flag = await draw('flag-steps', { steps: 2, lora: [`${path}=0.5:stop=0.5:curve=linear`] })
  const tag = await draw('tag-steps', { steps: 2, prompt: 'a cat <lora:ink:0.5:stop=0.5:curve=linear>' })
  expect(tag.bytes.equals(flag.bytes)).toBe(true)
  expect(tag.text?.split('\n')[0]).toBe('a cat <lora:ink:0.5:stop=1:curve=linear>')
  expect(tag.text).toContain('Lora weights: "ink: 0.5:stop=0.5:curve=linear"')
  expect(readRecipe([{ keyword: 'parameters', text: tag.text ?? '' }])).toMatchObject({
    prompt: 'a cat',
    loras: [{ name: 'ink', weight: 0.5, stop: '0.5', curve: 'linear' }],
  })
})

test('the studio’s shelf tells what a tag asks for beside, also of a file that it has read', async () => {
  const told: unknown[] = []
  const shelf = new LoraShelf({ checkpoint: await openCheckpoint(model) } as Model, { emit: (event) => told.push(event) })
  const one = { file: folder.at('loras', 'ink.safetensors'), weight: 0.5, enabled: true }
  const [loaded] = await shelf.load([one])
  expect([loaded?.entry.weight, told]).toEqual([0.5, []])
  await shelf.load([{ ...one, ignored: ['hr=1'] }])
  expect(told).toEqual([expect.objectContaining({ code: 'lora-options', facts: { file: one.file, ignored: ['hr=1'] } })])
})
