// A schedule with an option of its own is one file: put into its folder, it is in the index that is written of the folder, and from there
// everywhere. Nothing else may know schedules by name.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readPngText } from '../../engine/images/formats/png-text.ts'
import { en } from '../../renderer/words/en.ts'
import { zh } from '../../renderer/words/zh.ts'
import { programWith } from './testing-program.ts'

const program = await programWith({
  'engine/schedules/halving.ts': `import { z } from 'zod'
import { falling, type Schedule } from './schedule.ts'
const options = z.object({
  slope: z.number().min(1).max(9).default(2).meta({ description: 'how steeply it falls', written: 'Slope', step: 0.5 }),
})
export const halving: Schedule<typeof options> = {
  name: 'halving',
  title: 'Halving',
  written: 'Halving',
  aliases: ['by halves'],
  kind: 'sigmas',
  options,
  grid(process, steps, { slope }) {
    const sigmas = Array.from({ length: steps }, (_, i) => process.sigmaMax / slope ** i)
    return falling(process, sigmas.map((sigma) => process.level(sigma)), false)
  },
}
`,
})
afterAll(() => program[Symbol.dispose]())
const { pigment } = program
const { pictureFields } = await program.load<typeof import('../../main/studio/training-fields.ts')>('main/studio/training-fields.ts')
const { samplingSaid } = await program.load<typeof import('../../main/studio/recalled-sampling.ts')>('main/studio/recalled-sampling.ts')
const { parseInfotext } = await program.load<typeof import('../../engine/images/infotext.ts')>('engine/images/infotext.ts')

const drawing = ['generate', '--prompt', 'a fox', '--steps', '2', '--sampler', 'euler', '--schedule'] as const

test('it is in the help of the terminal, with its option', async () => {
  const { text } = await pigment('generate', '--help')
  expect(text).toContain(', halving, karras, ')
  expect(text).toContain('halving: slope, how steeply it falls, a number from 1 to 9 (default: 2)')
})

test('the terminal takes its option and refuses others by name, and samplers that do not take it', async () => {
  expect(await pigment(...drawing, 'halving', '--schedule-option', 'slope=10', '--out', 'never.png')).toEqual({
    code: 2,
    text: expect.stringContaining('The option "slope" of the schedule "halving" takes a number from 1 to 9, got 10.') as unknown,
  })
  const unknown = await pigment(...drawing, 'By Halves', '--schedule-option', 'slant=1', '--out', 'never.png')
  expect(unknown).toEqual({ code: 2, text: expect.stringContaining('no option "slant". It has: slope.') as unknown })
  const unfit = await pigment('generate', '--prompt', 'a', '--sampler', 'ddim', '--schedule', 'halving', '--out', 'never.png')
  expect(unfit).toEqual({ code: 2, text: expect.stringContaining('the schedule "halving" gives noise levels') as unknown })
})

test('a picture is drawn with it, says so, and is recalled with it', async () => {
  const out = join(program.root, 'fox.png')
  expect((await pigment(...drawing, 'halving', '--schedule-option', 'slope=3', '--out', out)).code).toBe(0)
  const parameters = readPngText(readFileSync(out), 'fox.png').find(({ keyword }) => keyword === 'parameters')?.text ?? ''
  expect(parameters).toMatch(/Sampler: Euler, Schedule type: Halving, .*Slope: 3/)
  expect(samplingSaid('Pigment', parseInfotext(parameters).settings).fitting).toEqual({
    sampler: 'euler',
    schedule: 'halving',
    scheduleOptions: { slope: 3 },
  })
})

test('the form offers it with the description of its field, beside the samplers that take it', () => {
  const card = pictureFields.find(({ key }) => key === 'schedule')?.cards?.find(({ name }) => name === 'halving')
  expect(card).toMatchObject({ title: 'Halving', options: [{ key: 'slope', kind: 'number', min: 1, max: 9, default: 2 }] })
  expect(card?.beside?.names).toContain('euler')
  expect(card?.beside?.names).not.toContain('ddim')
})

test('every option of the schedules that are here has words in both languages', () => {
  const cards = pictureFields.find(({ key }) => key === 'schedule')?.cards ?? []
  const keys = cards.flatMap(({ name, options }) => (name === 'halving' ? [] : options.map(({ key }) => key)))
  expect(keys).toContain('rho')
  for (const words of [en, zh]) expect(keys.filter((key) => !(`field.${key}` in words && `reason.${key}` in words))).toEqual([])
})
