import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { readPngText } from '../../engine/images/formats/png-text.ts'
import { parseInfotext } from '../../engine/images/infotext.ts'
import { diffusion } from '../../engine/processes/diffusion.ts'
import { stableDiffusion } from '../../engine/processes/testing-schedule.ts'
import { generateRequest } from '../../engine/requests/generate.ts'
import { generateForm } from '../api/methods/generate.ts'
import { seriesOf } from '../jobs/series.ts'
import { drawnForm, promptSource, stylesOf, wildcardsOf } from './drawn-form.ts'
import { generate } from './engine/generate.ts'
import { infotext } from './picture-settings.ts'
import { changeStyles, inStyle, readStyles, writeStyles } from './style-file.ts'
import { fakeContext, writeTinyModel } from './testing.ts'

let root = ''
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'pigment-drawn-form-'))
  await mkdir(wildcardsOf(root))
  await writeFile(join(wildcardsOf(root), 'hue.txt'), 'red\nblue\ngreen\n')
})
afterAll(() => rm(root, { recursive: true }))

const ink = { name: 'Ink', prompt: 'ink drawing of {prompt}, "fine"', negative: 'photo' }
const soft = { name: 'soft, light', prompt: 'soft {light|dusk}', negative: '' }
const form = (given: object) => generateForm.parse({ prompt: 'a cat', ...given })

test('styles.csv is A1111’s, there and back, with quotes, commas and line breaks', async () => {
  expect(await readStyles(stylesOf(root))).toEqual([])
  const broken = { name: 'two lines', prompt: 'a\nb', negative: 'c,d' }
  await writeStyles(stylesOf(root), [ink, soft, broken])
  expect(await readStyles(stylesOf(root))).toEqual([ink, soft, broken])
  // As csv.DictWriter of Python leaves it.
  expect(await readFile(stylesOf(root), 'utf8')).toBe(
    '\ufeffname,prompt,negative_prompt\r\nInk,"ink drawing of {prompt}, ""fine""",photo\r\n"soft, light",soft {light|dusk},\r\ntwo lines,"a\nb","c,d"\r\n',
  )
  const older = join(root, 'older.csv')
  await writeFile(older, 'name,text,negative_text\n----Divider----,,\nNone,,\nOld,"oil, old",\n\n')
  expect(await readStyles(older)).toEqual([
    { name: 'None', prompt: '', negative: '' },
    { name: 'Old', prompt: 'oil, old', negative: '' },
  ])
  await writeFile(older, 'a,b\n1,2\n')
  await expect(readStyles(older)).rejects.toMatchObject({ code: 'styles-unreadable', facts: { found: 'a,b' } })
  const changes = [1, 2, 3].map((n) => changeStyles(stylesOf(root), (styles) => [...styles, { name: `n${n}`, prompt: '', negative: '' }]))
  await Promise.all(changes)
  expect((await readStyles(stylesOf(root))).map(({ name }) => name)).toEqual(['Ink', 'soft, light', 'two lines', 'n1', 'n2', 'n3'])
})

test('a style takes the prompt in its place or stands behind it, the next one around both', async () => {
  expect([inStyle('a', ''), inStyle('', 'b'), inStyle('a ', ' b'), inStyle('a', '{prompt} {prompt}')]).toEqual(['a', 'b', 'a, b', 'a a'])
  const { form: drawn, asked, templates } = await drawnForm(form({ negative: 'blur', styles: ['ink', 'soft, light'] }), promptSource(root))
  expect(drawn.prompt).toMatch(/^ink drawing of a cat, "fine", soft (light|dusk)$/)
  expect(drawn).toMatchObject({ negative: 'blur, photo' })
  expect(drawn).not.toHaveProperty('styles')
  expect(asked).toEqual({ prompt: 'a cat', negative: 'blur', styles: ['ink', 'soft, light'] })
  expect(templates).toEqual({ prompt: 'ink drawing of a cat, "fine", soft {light|dusk}' })
  const unknown = drawnForm(form({ styles: ['Oil'] }), promptSource(root))
  await expect(unknown).rejects.toMatchObject({ code: 'style-unknown', facts: { name: 'Oil', there: expect.arrayContaining(['Ink']) } })
})

test('pictures of a series draw by their own seeds, and what was drawn says the same when the files are others', async () => {
  const series = await seriesOf(form({ prompt: '{a|b} __hue__ cat', seed: 5 }), 6, promptSource(root))
  const prompts = series.map(({ form: one }) => one.prompt)
  expect(new Set(prompts).size).toBeGreaterThan(2)
  const third = await drawnForm(form({ prompt: '{a|b} __hue__ cat', seed: 7 }), promptSource(root))
  expect(third.form).toEqual(series[2]?.form)
  await writeFile(join(wildcardsOf(root), 'hue.txt'), 'ochre\n')
  for (const { form: one } of series) expect(await drawnForm(one, promptSource(root))).toEqual({ form: one })
})

test('a picture drawn from its own words is the same, whatever the files say by then; what was written stands in it', async () => {
  vi.stubEnv('PIGMENT_HOME', root)
  const hues = join(wildcardsOf(root), 'hue.txt')
  await writeFile(hues, 'red\nblue\ngreen\n')
  await writeTinyModel(join(root, 'model'), 'sd1')
  const asked = generateRequest.parse({ prompt: '', steps: 1, cfg: 1, width: 32, height: 32, seed: 4 })
  const draw = async (name: string, prompt: string) => {
    const files = { model: join(root, 'model'), out: join(root, `${name}.png`), latentsOut: join(root, `${name}.safetensors`) }
    const done = await generate({ device: 'cpu', threads: 1, ...asked, ...files, prompt, lora: [], embedding: [] }, fakeContext())
    const texts = readPngText(await readFile(files.out), name)
    return {
      said: done.prompt,
      latents: await readFile(files.latentsOut),
      text: texts.find(({ keyword }) => keyword === 'parameters')?.text,
    }
  }
  const first = await draw('one', '{a|b} __hue__ cat')
  expect(first.said).toMatch(/^[ab] (red|blue|green) cat$/)
  expect(first.text).toContain('Template: {a|b} __hue__ cat,')
  await writeFile(hues, 'ochre\n')
  const again = await draw('two', first.said ?? '')
  expect(again.latents.equals(first.latents)).toBe(true)
  expect(again.text).not.toContain('Template')
  vi.unstubAllEnvs()
})

test('without choices a form comes back as it is, and diffusers’ reading has none', async () => {
  const plain = form({ prompt: 'a (cat:1.2), [b:c:0.5]', negative: '{word}' })
  expect(await drawnForm(plain, promptSource(root))).toEqual({ form: plain })
  const none = form({ prompt: '{a|b} __hue__', emphasis: 'none' })
  expect(await drawnForm(none, promptSource(root))).toEqual({ form: none })
})

test('a picture says what its choices were made of, as A1111’s dynamic prompts do', () => {
  const made = { width: 64, height: 64, asked: diffusion(stableDiffusion).asked, model: 'm', loras: [] }
  const text = infotext(generateRequest.parse({ prompt: 'a cat', negative: 'x' }), { ...made, templates: { prompt: 'a {cat|dog}, b' } })
  expect(text).toContain(', Template: "a {cat|dog}, b", Version: Pigment')
  expect(text).not.toContain('Negative Template')
  expect(parseInfotext(text).settings.get('Template')).toBe('a {cat|dog}, b')
})
