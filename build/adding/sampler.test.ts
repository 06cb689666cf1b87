// A sampler with an option of its own is one file: put into its folder, it is in the index that is written of the folder, and from there
// everywhere. Nothing else may know samplers by name.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readPngText } from '../../engine/images/formats/png-text.ts'
import { zh } from '../../renderer/words/zh.ts'
import { en } from '../../renderer/words/en.ts'
import { programWith } from './testing-program.ts'

const program = await programWith({
  'engine/samplers/halving.ts': `import { z } from 'zod'
import { strided } from '../schedules/strided.ts'
import type { Sampler } from './sampler.ts'
const options = z.object({
  wobble: z.number().min(0).max(4).default(2).meta({ description: 'how far it wobbles', written: 'Wobble', step: 0.5 }),
})
export const halving: Sampler<typeof options> = {
  name: 'halving',
  title: 'Halving',
  written: 'Halving',
  schedule: strided,
  aliases: ['k_half'],
  coordinates: 'scaled',
  options,
  async *sample({ start, steps }, { wobble }) {
    let latents = start
    for (const { done } of steps()) {
      latents = start.map((value) => value * wobble)
      yield done(latents, latents)
    }
    return latents
  },
}
`,
})
afterAll(() => program[Symbol.dispose]())
const { pigment } = program

const { samplerCards } = await program.load<typeof import('../../main/studio/training-fields.ts')>('main/studio/training-fields.ts')
const { ofSampler, optionsWritten, sampleWith } = await program.load<typeof import('../../engine/samplers/sampler-options.ts')>(
  'engine/samplers/sampler-options.ts',
)
const { diffusion } = await program.load<typeof import('../../engine/processes/diffusion.ts')>('engine/processes/diffusion.ts')
const { samplerByName } = await program.load<typeof import('../../engine/samplers/sampler.ts')>('engine/samplers/sampler.ts')
const { optionsSaid } = await program.load<typeof import('../../main/studio/recalled-options.ts')>('main/studio/recalled-options.ts')

const drawing = ['generate', '--prompt', 'a fox', '--sampler'] as const

test('it is in the help of the terminal, with its option', async () => {
  const { text } = await pigment('generate', '--help')
  expect(text).toContain(', halving, heun, ')
  expect(text).toContain('halving: wobble, how far it wobbles, a number from 0 to 4 (default: 2)')
  expect(text).toContain('ddim: eta,')
})

test('the terminal takes its option and refuses others by name', async () => {
  expect(await pigment(...drawing, 'halving', '--sampler-option', 'wobble=9', '--out', 'never.png')).toEqual({
    code: 2,
    text: expect.stringContaining('The option "wobble" of the sampler "halving" takes a number from 0 to 4, got 9.') as unknown,
  })
  const unknown = await pigment(...drawing, 'k_half', '--sampler-option', 'wabble=1', '--out', 'never.png')
  expect(unknown).toEqual({ code: 2, text: expect.stringContaining('no option "wabble". It has: wobble.') as unknown })
  expect((await pigment(...drawing, 'halving', '--sampler-option', 'wobble', '--out', 'never.png')).text).toContain(
    'write NAME=VALUE, e.g. eta=0.5',
  )
})

test('a picture is drawn with it, and says so', async () => {
  const out = join(program.root, 'fox.png')
  const { code } = await pigment(...drawing, 'halving', '--sampler-option', 'wobble=0.5', '--out', out)
  expect(code).toBe(0)
  const parameters = readPngText(readFileSync(out), 'fox.png').find(({ keyword }) => keyword === 'parameters')
  expect(parameters?.text).toMatch(/Sampler: Halving, .*Wobble: 0\.5/)
})

test('the studio’s list of samplers has it with the description of its field, as plain data', () => {
  const card = samplerCards.find(({ name }) => name === 'halving')
  expect(JSON.parse(JSON.stringify(card))).toEqual({
    name: 'halving',
    title: 'Halving',
    options: [
      {
        key: 'wobble',
        kind: 'number',
        min: 0,
        max: 4,
        default: 2,
        step: 0.5,
        written: 'Wobble',
        optional: false,
        description: 'how far it wobbles',
      },
    ],
  })
})

test('its option reaches its steps, is written into pictures and read from them', async () => {
  const sampler = samplerByName('K-half')
  const input = {
    process: diffusion({
      trainSteps: 1000,
      betaStart: 0.00085,
      betaEnd: 0.012,
      betaSchedule: 'scaled_linear',
      prediction: 'epsilon',
      timestepSpacing: undefined,
      stepsOffset: 1,
      zeroTerminalSnr: false,
      setAlphaToOne: false,
    }),
    steps: 1,
    noise: Float32Array.of(1),
    model: async (x: Float32Array) => x,
    stepNoise: () => new Float32Array(1),
  }
  const run = sampleWith(sampler, input, { wobble: 3 })
  expect((await run.next()).value).toMatchObject({ latents: Float32Array.of(3) })
  const line = new Map([...optionsWritten(sampler, { wobble: 3 }), ['Steps', '4']])
  expect(optionsSaid(ofSampler, sampler, line)).toEqual({ fitting: { wobble: 3 }, unfit: [], rest: new Map([['Steps', '4']]) })
})

test('every option of the samplers that are here has words in both languages', () => {
  const keys = samplerCards.flatMap(({ name, options }) => (name === 'halving' ? [] : options.map(({ key }) => key)))
  expect(keys).toContain('eta')
  for (const words of [en, zh]) expect(keys.filter((key) => !(`field.${key}` in words && `reason.${key}` in words))).toEqual([])
})
