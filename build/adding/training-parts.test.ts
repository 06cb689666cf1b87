// An optimizer, a loss, a loss weight, a draw of timesteps and a course of the learning rate are a file each: put into their folders, they are in the help, in the form, in the
// forecast by the bytes that they keep, and a run takes them. Nothing else may know them by name.
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openSafetensors } from '../../engine/files/safetensors.ts'
import type { TrainRequest } from '../../engine/requests/train.ts'
import { fakeContext, writeDataset } from '../../main/operations/testing.ts'
import { embeddedPath } from '../../main/places/embedded.ts'
import { programWith } from './testing-program.ts'

const program = await programWith({
  'engine/training/optimizers/stroll.ts': `import { z } from 'zod'
import type { Optimizer } from './optimizer.ts'
const options = z.object({
  weightDecay: z.number().min(0).default(0.01),
  zest: z.number().min(0).max(9).default(1).meta({ description: 'how eagerly it goes', step: 0.5 }),
})
export const stroll: Optimizer<typeof options> = {
  name: 'stroll',
  title: 'Stroll',
  sentence: 'Strolls wherever it likes.',
  options,
  bytes: (shape) => 12 * shape.reduce((a, b) => a * b, 1),
  open({ length }, { ranges }, { zest }) {
    const vectors = { visited: new Float32Array(length), steps: new Float32Array(2 * length) }
    return {
      vectors,
      update(theta, _gradient, at) {
        for (const { from, to, rate } of ranges)
          for (let i = from; i < to; i++) theta[i] = vectors.visited[i] = (theta[i] ?? 0) + at.lr * rate * zest
      },
    }
  },
}
`,
  'engine/training/losses/quartic.ts': `import { z } from 'zod'
import { mul } from '../../graph/math.ts'
import type { Loss } from './loss.ts'
const options = z.object({ pull: z.number().min(0).max(9).default(1).meta({ description: 'how hard' }) })
export const quartic: Loss<typeof options> = {
  name: 'quartic',
  title: 'Quartic',
  sentence: 'Squares of squares.',
  options,
  of: (d, { pull }, c) => mul(mul(mul(d, d), mul(d, d)), mul(c as NonNullable<typeof c>, pull)),
  threshold: ({ timestep, trainSteps }) => 1 + timestep / trainSteps,
  metadata: ({ pull }) => ({ ss_pull: String(pull) }),
}
`,
  'engine/training/loss-weights/quarter.ts': `import { z } from 'zod'
import type { LossWeight } from './loss-weight.ts'
const options = z.object({ share: z.number().min(0).max(1).default(0.25).meta({ description: 'of each sample' }) })
export const quarter: LossWeight<typeof options> = {
  name: 'quarter',
  sentence: 'Counts a share of each.',
  options,
  weight: (_snr, _prediction, { share }) => share,
  metadata: () => ({ ss_quarter: 'True' }),
}
`,
  'engine/training/timestep-draws/late.ts': `import { z } from 'zod'
import type { TimestepDraw } from './timestep-draw.ts'
const options = z.object({ last: z.number().min(0).max(1).default(0.5).meta({ description: 'share of the levels' }) })
export const late: TimestepDraw<typeof options> = {
  name: 'late',
  sentence: 'Sees one level.',
  options,
  draw: (_random, count, { to }, { last }) => new Float32Array(count).fill(Math.floor(to * last)),
  metadata: ({ last }) => ({ ss_late: String(last) }),
}
`,
  'engine/training/courses/stairs.ts': `import type { Course } from './course.ts'
export const stairs: Course = {
  name: 'stairs',
  sentence: 'Goes down by halves.',
  factor: (step) => 0.5 ** step,
}
`,
})
afterAll(() => program[Symbol.dispose]())

const added = { optimizer: 'stroll', loss: 'quartic', lossWeight: 'quarter', course: 'stairs', timestepDraw: 'late' }

test('they are in the help of the terminal, which takes them and no other', async () => {
  const { text } = await program.pigment('train', '--help')
  for (const name of Object.values(added)) expect(text).toMatch(new RegExp(`[(,] ?[^)]*\\b${name}\\b`))
  expect(text).toMatch(/--optimizer <NAME> .* stroll: Strolls wherever it likes[.]/)
  expect(text).toContain('stroll: zest, how eagerly it goes, a number from 0 to 9 (default: 1)')
  expect(text).toMatch(
    /--loss-weight-option <NAME=VALUE[.]{3}> [^-]* quarter: share, of each sample, a number from 0 to 1 [(]default: 0[.]25[)]/,
  )
  const train = ['train', '--dataset', join(program.root, 'none'), '--out', join(program.root, 'never.safetensors')]
  const taken = await program.pigment(
    ...train,
    '--optimizer',
    'stroll',
    '--loss',
    'quartic',
    '--loss-weight',
    'quarter',
    '--course',
    'stairs',
    '--timestep-draw',
    'late',
  )
  expect(taken.text).toContain(join(program.root, 'none'))
  for (const flag of ['--optimizer', '--loss', '--loss-weight', '--course', '--timestep-draw'])
    expect(await program.pigment(...train, flag, 'strole')).toMatchObject({ code: 2, text: expect.stringContaining(flag) as unknown })
})

test('the form of the studio offers them', async () => {
  const { trainingFields } = await program.load<typeof import('../../main/studio/training-fields.ts')>('main/studio/training-fields.ts')
  for (const [key, name] of Object.entries(added)) expect(trainingFields.find((field) => field.key === key)?.choices).toContain(name)
  const cards = trainingFields.find(({ key }) => key === 'optimizer')?.cards
  expect(JSON.parse(JSON.stringify(cards?.find(({ name }) => name === 'stroll')))).toEqual({
    name: 'stroll',
    title: 'Stroll',
    sentence: 'Strolls wherever it likes.',
    options: [{ key: 'zest', kind: 'number', min: 0, max: 9, default: 1, step: 0.5, optional: false, description: 'how eagerly it goes' }],
  })
})

test('the forecast refuses an option that they do not take', async () => {
  const { trainingProblems } =
    await program.load<typeof import('../../main/studio/training-problems.ts')>('main/studio/training-problems.ts')
  const { trainRequest } = await program.load<typeof import('../../engine/requests/train.ts')>('engine/requests/train.ts')
  const told = (more: object) => trainingProblems(trainRequest.parse({ dataset: 'd', ...added, ...more })).map(({ code }) => code)
  expect(told({ optimizerOptions: { zest: 3 }, lossWeightOptions: { share: 1 } })).toEqual([])
  expect(told({ optimizerOptions: { zest: 10, weightDecay: 1 } })).toEqual(['optimizer-option-invalid'])
  expect(told({ lossWeightOptions: { shear: 1 } })).toEqual(['loss-weight-option-unknown'])
})

test('the forecast of memory counts what the optimizer keeps', async () => {
  const { trainingMemory } = await program.load<typeof import('../../engine/training/training-memory.ts')>(
    'engine/training/training-memory.ts',
  )
  const { openCheckpoint } = await program.load<typeof import('../../engine/models/open-checkpoint.ts')>('engine/models/open-checkpoint.ts')
  const checkpoint = await openCheckpoint(embeddedPath)
  const memory = (optimizer: string): number => {
    const request = { variant: 'lora', rank: 4, alpha: 4, layers: 'attention', recompute: false, batch: 1, members: 1, optimizer } as const
    return trainingMemory(checkpoint, request as typeof request & Pick<TrainRequest, 'optimizer'>, { side: 64, threads: 1 })
  }
  // Twelve bytes a parameter for AdamW's eight and Lion's four, and their copies.
  expect(memory('stroll') - memory('adamw')).toBe(memory('adamw') - memory('lion'))
  expect(memory('stroll')).toBeGreaterThan(memory('adamw'))
})

test('a run takes its steps with them, keeps the state by its names, and its file tells of them', async () => {
  const { trainAdapter } = await program.load<typeof import('../../main/operations/train.ts')>('main/operations/train.ts')
  const { train } = await program.load<typeof import('../../main/commands/train.ts')>('main/commands/train.ts')
  const { fromPairs } = await program.load<typeof import('../../main/operations/option-pairs.ts')>('main/operations/option-pairs.ts')
  await writeDataset(join(program.root, 'set'), ['a'])
  const out = join(program.root, 'strolled.safetensors')
  const given = {
    dataset: join(program.root, 'set'),
    out,
    rank: 1,
    alpha: 1,
    steps: 2,
    checkpointEvery: 1,
    resolution: 64,
    ...added,
    optimizerOption: ['zest=2'],
    timestepDrawOption: ['last=0.75'],
  }
  const rates: number[] = []
  const kept: string[][] = []
  const context = fakeContext()
  await trainAdapter({ ...fromPairs(train.input.parse(given)), device: 'cpu', threads: 1 }, context, {
    async afterStep(_model, step) {
      const checkpoint = await openSafetensors(join(program.root, `strolled.run/step-0000000${step}/state.safetensors`))
      kept.push([...checkpoint.entries.keys()].sort())
    },
  })
  for (const record of context.records) if (record.type === 'step') rates.push(record.lr as number)
  expect(rates).toEqual([1e-4, 0.5e-4])
  expect(kept).toEqual([1, 2].map(() => ['steps', 'theta', 'visited']))
  const { metadata } = await openSafetensors(out)
  expect(Object.fromEntries(metadata)).toMatchObject({
    ss_pull: '1',
    ss_quarter: 'True',
    ss_late: '0.75',
    ss_lr_scheduler: 'stairs',
    ss_optimizer: 'Stroll(weight_decay=0.01,zest=2)',
  })
})
