// What a picture says of its size is that of what is sampled first, so that it is drawn again as it was.
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseInfotext } from '../../engine/images/infotext.ts'
import { readPngText } from '../../engine/images/formats/png-text.ts'
import { doneHere } from '../cli/done-here.ts'
import { generate as generateCommand } from '../commands/generate.ts'
import { conditionsSaid } from '../studio/recalled-conditions.ts'
import { settingsNotHere } from '../studio/settings-not-here.ts'
import { fakeContext, never, workFolder, writeTinyModel } from './testing.ts'

const generate = doneHere(generateCommand)
const folder = await workFolder()
beforeAll(() => writeTinyModel(folder.at('tiny'), 'sd1'))
afterAll(folder.remove)

test('a picture of hires fix tells the size of its first run, and is drawn again by what it tells', async () => {
  const [first, second] = [folder.at('first.png'), folder.at('second.png')]
  const asked = { model: folder.at('tiny'), prompt: 'ab', steps: 2, width: 32, height: 32, seed: 5 }
  const drawn = (more: object) => generate.run(fakeContext(), generate.input.parse({ ...asked, ...more }), never)
  expect(await drawn({ hiresScale: 2, hiresSteps: 3, out: first })).toMatchObject({ width: 64, height: 64 })
  const text = readPngText(await readFile(first), 'first.png').find(({ keyword }) => keyword === 'parameters')?.text ?? ''
  const { settings } = parseInfotext(text)
  expect(settings.get('Size')).toBe('32x32')
  const { conditions } = conditionsSaid(settings)
  expect(conditions).toEqual({ hiresScale: 2, hiresStrength: 0.7, hiresUpscaler: 'latent', hiresSteps: 3 })
  await drawn({ ...conditions, out: second })
  expect((await readFile(second)).equals(await readFile(first))).toBe(true)
})

test('its own sampler, schedule, guidance and prompts are told as A1111 tells them, and recalled to the same bytes', async () => {
  const [first, second] = [folder.at('own.png'), folder.at('own-again.png')]
  const asked = { model: folder.at('tiny'), prompt: 'ab', steps: 2, width: 32, height: 32, seed: 5 }
  const drawn = (more: object) => generate.run(fakeContext(), generate.input.parse({ ...asked, ...more }), never)
  const own = { hiresSampler: 'euler-ancestral', hiresSchedule: 'karras', hiresCfg: 2, hiresPrompt: 'ab, "ba": x', hiresNegative: 'b' }
  await drawn({ hiresScale: 2, ...own, out: first })
  const text = readPngText(await readFile(first), 'own.png').find(({ keyword }) => keyword === 'parameters')?.text ?? ''
  const { settings } = parseInfotext(text)
  const told = ['Hires sampler', 'Hires schedule type', 'Hires CFG Scale', 'Hires prompt', 'Hires negative prompt'].map((key) => settings.get(key)) // prettier-ignore
  expect(told).toEqual(['Euler a', 'Karras', '2', 'ab, "ba": x', 'b'])
  expect(settingsNotHere(settings)).toEqual([])
  const { conditions } = conditionsSaid(settings)
  expect(conditions).toMatchObject({ hiresSampler: 'Euler a', hiresCfg: 2, hiresPrompt: 'ab, "ba": x', hiresNegative: 'b' })
  await drawn({ ...conditions, out: second })
  expect((await readFile(second)).equals(await readFile(first))).toBe(true)
})
