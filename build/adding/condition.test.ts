// A condition of drawing is one file: put into its folder, the terminal has its options as flags, the form its fields, pictures their settings.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readPngText } from '../../engine/images/formats/png-text.ts'
import { generateRequest } from '../../engine/requests/generate.ts'
import { en } from '../../renderer/words/en.ts'
import { zh } from '../../renderer/words/zh.ts'
import { programWith } from './testing-program.ts'

const program = await programWith({
  'engine/conditions/veil.ts': `import { z } from 'zod'
import type { Condition } from './condition.ts'
const options = z.object({
  veil: z.number().min(0).max(1).meta({ description: 'how thick the veil is', placeholder: 'X', written: 'Veil' }),
  veilSteps: z.int().min(1).max(9).default(2).meta({ description: 'steps that are taken', written: 'Veil steps' }),
})
export const veil: Condition<typeof options> = {
  name: 'veil',
  options,
  by: 'veil',
  plan: ({ veilSteps }, steps) => ({ steps, first: steps - veilSteps }),
  async prepare(_model, { veil }, { shape }) {
    return {
      start: new Float32Array(shape.reduce((a, b) => a * b)).fill(1),
      wrap: (inner) => async (x, timestep, step) => (await inner(x, timestep, step)).map((value) => value * (1 - veil)),
      clean: (denoised) => denoised.map((value) => value * veil),
    }
  },
}
`,
})
afterAll(() => program[Symbol.dispose]())
const { pigment } = program
const { conditionCards } = await program.load<typeof import('../../main/studio/training-fields.ts')>('main/studio/training-fields.ts')
const { chosenConditions, prepareConditions, stepsTaken } =
  await program.load<typeof import('../../engine/conditions/chosen.ts')>('engine/conditions/chosen.ts')
const { conditionsSaid } = await program.load<typeof import('../../main/studio/recalled-conditions.ts')>(
  'main/studio/recalled-conditions.ts',
)

const drawing = ['generate', '--prompt', 'a fox', '--steps', '5'] as const

test('its options are flags of the terminal, and what does not fit is refused by name', async () => {
  const { text } = await pigment('generate', '--help')
  expect(text).toContain('--veil <X> how thick the veil is')
  expect(text).toContain('--veil-steps <N> steps that are taken (default: 2)')
  expect(await pigment(...drawing, '--veil', '2', '--out', 'never.png')).toMatchObject({ code: 2 })
  expect(await pigment(...drawing, '--veil-steps', '2', '--out', 'never.png')).toEqual({
    code: 2,
    text: expect.stringContaining('--veil-steps does nothing without --veil') as unknown,
  })
  expect(() => chosenConditions({ veil: 3 })).toThrow('The option "veil" takes a number from 0 to 1, got 3.')
  expect(() => chosenConditions({ mist: 3 })).toThrow('no condition with an option "mist"')
})

test('a picture is drawn under it, by its steps, and says so; what it says is read back', async () => {
  const out = join(program.root, 'fox.png')
  const { code, text } = await pigment(...drawing, '--veil', '0.5', '--out', out)
  expect({ code, text }).toMatchObject({ code: 0, text: expect.stringContaining('veil 0.5') as unknown })
  const parameters = readPngText(readFileSync(out), 'fox.png').find(({ keyword }) => keyword === 'parameters')
  expect(parameters?.text).toMatch(/Veil: 0\.5, Veil steps: 2/)
  expect(
    conditionsSaid(
      new Map([
        ['Veil', '0.5'],
        ['Veil steps', 'many'],
      ]),
    ),
  ).toEqual({ conditions: { veil: 0.5 } })
  expect([stepsTaken({ steps: 5, conditions: { veil: 0.5 } }), stepsTaken({ steps: 5 })]).toEqual([2, 5])
})

test('what it brings reaches the run: a start, what the network answers, and the clean latents of that', async () => {
  const frame = { shape: [1, 1, 2, 2], width: 2, height: 2 }
  const { start, wrap, clean } = await prepareConditions(undefined as never, { veil: 0.25 }, frame)
  expect(start?.(new Float32Array(4))).toEqual(Float32Array.of(1, 1, 1, 1))
  expect(await wrap(async (x) => x)(Float32Array.of(4), 1, 0)).toEqual(Float32Array.of(3))
  expect(clean(Float32Array.of(4))).toEqual(Float32Array.of(1))
})

test('the form has its card as plain data', () => {
  const card = conditionCards.find(({ name }) => name === 'veil')
  expect(JSON.parse(JSON.stringify(card))).toMatchObject({
    by: 'veil',
    options: [
      { key: 'veil', kind: 'number', optional: false },
      { key: 'veilSteps', kind: 'integer', default: 2, max: 9 },
    ],
  })
})

test('options of the conditions that are here have words in both languages, and keys that no field of the request has', () => {
  const keys = conditionCards.flatMap(({ name, options }) => (name === 'veil' ? [] : options.map(({ key }) => key)))
  expect(keys.filter((key) => Object.hasOwn(generateRequest.shape, key))).toEqual([])
  expect(new Set(keys).size).toBe(keys.length)
  for (const words of [en, zh]) expect(keys.filter((key) => !(`field.${key}` in words && `reason.${key}` in words))).toEqual([])
})
