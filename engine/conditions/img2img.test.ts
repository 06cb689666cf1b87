import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { generate, generateTogether, type Generated } from '../generate.ts'
import { encodePng } from '../images/write-png.ts'
import { soundModel, writeDiffusers } from '../models/testing.ts'
import { generateRequest, type ConditionOptions, type GenerateEvent } from '../requests/generate.ts'
import { randomStream } from '../tensor/philox.ts'
import { relativeL2 } from '../tensor/tensor.ts'
import { Model } from '../sessions/open-model.ts'
import { stepPlan } from './chosen.ts'

let folder = ''
let model: Model
const size = { width: 64, height: 48 }
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pigment-img2img-'))
  await writeDiffusers(join(folder, 'sd1'), soundModel('sd1'))
  model = await Model.open(join(folder, 'sd1'), { threads: 1 })
  const data = Uint8Array.from(randomStream(1, 'picture', 0).normal(size.width * size.height * 3), (value) => 128 + 40 * value)
  await writeFile(join(folder, 'start.png'), await encodePng({ ...size, data }))
})
afterAll(async () => {
  await model[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

// A1111: t_enc = int(min(d, .999) · n), and the steps from n − t_enc − 1 on; exact: int(n / min(d, .999)) steps, of which n; diffusers: int(n · d).
test.each([
  ['a1111', 0.75, 20, { steps: 20, first: 4 }],
  ['a1111', 1, 20, { steps: 20, first: 0 }],
  ['a1111', 0.01, 20, { steps: 20, first: 19 }],
  ['exact', 0.75, 20, { steps: 26, first: 6 }],
  ['exact', 1, 20, { steps: 20, first: 0 }],
  ['diffusers', 0.75, 20, { steps: 20, first: 5 }],
  ['diffusers', 1, 20, { steps: 20, first: 0 }],
] as const)('%s: a strength of %d of %d steps', (strengthSteps, denoisingStrength, steps, plan) => {
  expect(stepPlan({ steps, conditions: { initImage: 'a.png', denoisingStrength, strengthSteps } })).toEqual(plan)
})

test('a strength that leaves no step, or is none, is refused with what to do', () => {
  const asked = (strength: number) => () =>
    stepPlan({ steps: 4, conditions: { initImage: 'a.png', denoisingStrength: strength, strengthSteps: 'diffusers' } })
  expect(asked(0.2)).toThrow('Take at least 5 steps, or more strength.')
  expect(asked(0)).toThrow('takes a number above 0 to 1, got 0')
  expect(asked(1.01)).toThrow('got 1.01')
})

async function drawn(making: AsyncGenerator<GenerateEvent, Generated | Generated[]>): Promise<{ pictures: Generated[]; steps: string[] }> {
  const steps: string[] = []
  for (;;) {
    const { done, value } = await making.next()
    if (done) return { pictures: [value].flat(), steps }
    if (value.type === 'step') steps.push(`${value.step}/${value.steps}`)
  }
}
const request = (conditions: ConditionOptions) =>
  generateRequest.parse({ prompt: 'ab', steps: 5, sampler: 'euler', seed: 3, ...size, conditions })

test('little strength stays near the picture, much goes far from it; steps count those that are taken', async () => {
  const initImage = join(folder, 'start.png')
  const [little, much, none] = await Promise.all([
    drawn(generate(model, request({ initImage, denoisingStrength: 0.01 }))),
    drawn(generate(model, request({ initImage, denoisingStrength: 1 }))),
    drawn(generate(model, { ...request({}), conditions: undefined })),
  ])
  expect([little.steps, much.steps]).toEqual([['1/1'], ['1/5', '2/5', '3/5', '4/5', '5/5']])
  const far = (a: typeof much, b: typeof much) => relativeL2(a.pictures[0]?.latents.data ?? [], b.pictures[0]?.latents.data ?? [])
  expect(far(much, none)).toBeLessThan(far(little, none))
  expect(far(little, none)).toBeGreaterThan(0.1)
})

test('pictures drawn together begin with the same one; another shape is cut or stretched', async () => {
  const wanted = request({ initImage: join(folder, 'start.png'), denoisingStrength: 0.6 })
  const alone = await drawn(generate(model, { ...wanted, seed: 8 }))
  const together = await drawn(
    generateTogether(model, wanted, [
      { prompt: 'ab', seed: 3 },
      { prompt: 'ab', seed: 8 },
    ]),
  )
  expect(relativeL2(together.pictures[1]?.latents.data ?? [], alone.pictures[0]?.latents.data ?? [])).toBeLessThan(1e-5)
  const square = { ...wanted, width: 48 }
  const [stretched, cut] = await Promise.all(
    ['stretch', 'crop'].map((initResize) => drawn(generate(model, { ...square, conditions: { ...wanted.conditions, initResize } }))),
  )
  expect(relativeL2(stretched?.pictures[0]?.latents.data ?? [], cut?.pictures[0]?.latents.data ?? [])).toBeGreaterThan(1e-3)
})

test('what is no picture is told by its name', async () => {
  await writeFile(join(folder, 'text.png'), 'words')
  await expect(drawn(generate(model, request({ initImage: join(folder, 'none.png') })))).rejects.toMatchObject({ code: 'picture-missing' })
  await expect(drawn(generate(model, request({ initImage: join(folder, 'text.png') })))).rejects.toMatchObject({ code: 'picture-format' })
})
