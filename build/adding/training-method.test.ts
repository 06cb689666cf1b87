// A way of training is a file: put into its folder, with masks that it feeds, a penalty and a state of its own, it is in the help and the form, a run
// takes its steps by it, and one that is stopped goes on with the same bits. Nothing else may know methods by name.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSafetensors } from '../../engine/files/safetensors.ts'
import { trainRequest, type TrainRequest } from '../../engine/requests/train.ts'
import { relativeL2, type Tensor } from '../../engine/tensor/tensor.ts'
import { embeddedPath } from '../../main/places/embedded.ts'
import { fakeContext, writeDataset } from '../../main/operations/testing.ts'
import { programWith } from './testing-program.ts'

/** A low-rank pair of which the row that has moved least is switched off at the second step, under a pull towards zero. */
const program = await programWith({
  'engine/training/methods/fading.ts': `import { z } from 'zod'
import { loraModule } from '../../adapters/variants/lora.ts'
import type { Value } from '../../graph/graph.ts'
import { add, mul, reduceSum } from '../../graph/math.ts'
import { PigmentError } from '../../requests/error.ts'
import { randomStream } from '../../tensor/philox.ts'
import type { Trainable } from '../plan.ts'
import type { TrainingMethod } from './method.ts'
const options = z.object({ pull: z.number().min(0).default(0.5).meta({ description: 'how strong the pull is' }) })
const [nameA, nameB] = [(path: string) => 'a/' + path, (path: string) => 'b/' + path]
export const fading: TrainingMethod<typeof options> = {
  name: 'fading',
  title: 'Fading',
  sentence: 'Lets rows fade.',
  options,
  members: { no: 'Their rows fade apart.' },
  continues: { no: 'Rows that have faded are not in its file.' },
  fits({ steps }, { pull }) {
    if (steps === 1 && pull > 0) throw new PigmentError('fading-steps', 'Nothing fades in a single step. Take two.', { steps })
  },
  learnt: ({ weight: [outputs = 0, inputs = 0] }, { rank }) => [[rank, inputs], [outputs, rank]],
  metadata: ({ pull }) => ({ ss_fading: String(pull) }),
  open({ graph, request: { rank, alpha } }, { pull }) {
    const mask = graph.input('mask', 'float32', [rank, 1])
    const pairs: { path: string; a: Value; b: Value }[] = []
    const penalties = () => pairs.map(({ a }) => reduceSum(mul(a, a), [0, 1], false))
    return {
      parameters: ({ targets }) => ({
        adapt(layer, x) {
          if (!targets.test(layer.path)) return undefined
          const [outputs, inputs] = layer.shape as [number, number]
          const a = graph.input(nameA(layer.path), 'float32', [rank, inputs])
          const b = graph.input(nameB(layer.path), 'float32', [outputs, rank])
          pairs.push({ path: layer.path, a, b })
          return layer.output(x, () => {
            const [masked, scaled] = graph.outsideSegments(() => [mul(a, mask), mul(b, alpha / rank)] as const)
            return layer.mix(layer.through(x, masked), scaled)
          })
        },
      }),
      trainedOf: () => pairs.flatMap(({ a, b }) => [a, b]),
      penalty: () => mul(penalties().reduce((sum, one) => add(sum, one)), pull),
      plan: () => ({
        trainables: pairs.flatMap(({ a, b }): Trainable[] =>
          [a, b].map(({ name, shape }) => ({
            name,
            shape: shape as number[],
            start: ({ seed }) => randomStream(seed, name, 0).normal((shape as number[]).reduce((x, y) => x * y)).map((x) => x * 0.1),
          })),
        ),
        extra: { off: rank, moved: rank },
        feeds: ({ extra }) => ({ mask: { shape: [rank, 1], data: (extra.off as Float32Array).map((off) => 1 - off) } }),
        afterUpdate({ step, gradient, extra }) {
          const [off, moved] = [extra.off as Float32Array, extra.moved as Float32Array]
          for (const { path } of pairs) gradient[nameB(path)]!.data.forEach((g, i) => (moved[i % rank] = (moved[i % rank] ?? 0) + Math.abs(g)))
          if (step === 2) off[moved.indexOf(Math.min(...moved))] = 1
        },
        told: ({ extra }) => ({ faded: (extra.off as Float32Array).reduce((sum, off) => sum + off, 0) }),
        result: ([only]) => ({
          name: 'fading',
          modules: pairs.map(({ path }) => {
            const [down, up] = [only!.theta[nameA(path)]!, only!.theta[nameB(path)]!]
            const width = down.data.length / rank
            const kept = { shape: down.shape, data: down.data.map((x, i) => x * (1 - (only!.extra.off?.[Math.floor(i / width)] ?? 0))) }
            return loraModule({ component: 'unet', path }, { down: kept, up: { shape: up.shape, data: up.data.slice() }, alpha })
          }),
          metadata: { faded: String(only!.extra.off) },
          skipped: [],
        }),
      }),
    }
  },
}
`,
})
afterAll(() => program[Symbol.dispose]())
beforeAll(() => writeDataset(join(program.root, 'set'), ['a', 'b']))

test('it is in the help with its option, and in the form', async () => {
  const { text } = await program.pigment('train', '--help')
  expect(text).toMatch(/--method <NAME> how it is trained[.] .* fading: Lets rows fade[.] .*[(]one of [^)]*\bfading\b/)
  expect(text).toContain('fading: pull, how strong the pull is, a number from 0 (default: 0.5)')
  const { trainingFields } = await program.load<typeof import('../../main/studio/training-fields.ts')>('main/studio/training-fields.ts')
  expect(trainingFields.find(({ key }) => key === 'method')?.choices).toContain('fading')
})

test('mask and penalty act: the gradient is that of differences of their sum', async () => {
  const { Session } = await program.load<typeof import('../../engine/runtime/session.ts')>('engine/runtime/session.ts')
  const { openCheckpoint } = await program.load<typeof import('../../engine/models/open-checkpoint.ts')>('engine/models/open-checkpoint.ts')
  const { methodGraph } = await program.load<typeof import('../../engine/training/method-graph.ts')>('engine/training/method-graph.ts')
  const { writeDiffusers, soundModel } = await program.load<typeof import('../../engine/models/testing.ts')>('engine/models/testing.ts')
  const { randomStream } = await import('../../engine/tensor/philox.ts')
  await writeDiffusers(join(program.root, 'tiny'), soundModel('sd1'))
  const request = { ...trainRequest.parse({ dataset: 'd', rank: 3, alpha: 3 }), method: 'fading' as TrainRequest['method'] }
  const { graph, trained } = methodGraph(await openCheckpoint(join(program.root, 'tiny')), request)
  await using session = await Session.create(graph, { threads: 1 })
  const sizes: Readonly<Record<string, number>> = { N: 1, H: 4, W: 4, T: 2 }
  const feeds: Record<string, Tensor> = Object.fromEntries(
    graph.inputs.map(({ name, shape }) => {
      const known = shape.map((dim) => (typeof dim === 'number' ? dim : (sizes[dim as string] ?? NaN)))
      const data = randomStream(5, name, 0).normal(known.reduce((a, b) => a * b, 1))
      return [name, { shape: known, data: /^[ab][/]/.test(name) ? data.map((x) => x * 0.1) : data }]
    }),
  )
  feeds.mask = { shape: [3, 1], data: Float32Array.of(1, 0, 1) }
  const sum = async (): Promise<number> => {
    const { loss, penalty } = await session.run(feeds)
    return (loss?.data[0] ?? NaN) + (penalty?.data[0] ?? NaN)
  }
  const outputs = await session.run(feeds)
  for (const { name } of [trained[0]!, trained[1]!, trained.at(-1)!]) {
    const [{ data }, gradient] = [feeds[name]!, outputs[`d/${name}`]!]
    const direction = randomStream(6, name, 0).normal(data.length)
    const start = data.slice()
    const along = async (by: number): Promise<number> => {
      data.set(start.map((x, i) => x + by * (direction[i] ?? 0)))
      return sum()
    }
    const slope = ((await along(0.01)) - (await along(-0.01))) / 0.02
    data.set(start)
    const expected = direction.reduce((total, x, i) => total + x * (gradient.data[i] ?? 0), 0)
    expect(Math.abs(slope - expected) / Math.abs(slope)).toBeLessThan(0.01)
  }
  // A row that is off has the gradient of the penalty alone: twice the pull; its column of B none.
  const [a, b] = [trained[0]!.name, trained[1]!.name]
  const width = feeds[a]!.data.length / 3
  const row = (values: Float32Array): Float32Array => values.subarray(width, 2 * width)
  expect(relativeL2(row(outputs[`d/${a}`]!.data), row(feeds[a]!.data))).toBeLessThan(1e-6)
  expect(outputs[`d/${b}`]!.data.filter((_, i) => i % 3 === 1).every((x) => x === 0)).toBe(true)
})

test('a run that is stopped twice goes on with its state, bit for bit', async () => {
  const { trainAdapter } = await program.load<typeof import('../../main/operations/train.ts')>('main/operations/train.ts')
  const { train } = await program.load<typeof import('../../main/commands/train.ts')>('main/commands/train.ts')
  const { fromPairs } = await program.load<typeof import('../../main/operations/option-pairs.ts')>('main/operations/option-pairs.ts')
  const run = async (
    name: string,
    stops: readonly number[],
  ): Promise<{ file: Buffer; state: Buffer; others: { penalty: number; faded: number }[] }> => {
    const out = join(program.root, `${name}.safetensors`)
    const given = {
      ...{ dataset: join(program.root, 'set'), out, title: 'same', rank: 3, alpha: 3, steps: 4, checkpointEvery: 1, resolution: 64 },
      ...{ method: 'fading', methodOption: ['pull=0.25'] },
    }
    let state = Buffer.of()
    const others: { penalty: number; faded: number }[] = []
    for (const stop of [...stops, Infinity]) {
      const stopping = new AbortController()
      const context = { ...fakeContext(), signal: stopping.signal }
      const taken = trainAdapter({ ...fromPairs(train.input.parse(given)), device: 'cpu', threads: 1 }, context, {
        async afterStep(_model, step) {
          if (step === 4) state = await readFile(join(program.root, `${name}.run/step-00000004/state.safetensors`))
          if (step >= stop) stopping.abort()
        },
      })
      if (stop === Infinity) await taken
      else await expect(taken).rejects.toMatchObject({ code: 'cancelled', facts: { step: stop } })
      for (const record of context.records) if (record.type === 'step') others.push(record.others as { penalty: number; faded: number })
    }
    return { file: await readFile(out), state, others }
  }
  const [whole, parted] = [await run('whole', []), await run('parted', [1, 3])]
  expect(parted.file.equals(whole.file)).toBe(true)
  expect(parted.state.equals(whole.state)).toBe(true)
  expect(parted.others).toEqual(whole.others)
  expect(whole.others.every(({ penalty }) => penalty > 0)).toBe(true)
  expect(whole.others.map(({ faded }) => faded)).toEqual([0, 1, 1, 1])
  expect(whole.state.toString('latin1')).toMatch(/"method\/moved".*"method\/off"/)
  const { metadata } = await openSafetensors(join(program.root, 'whole.safetensors'))
  expect(metadata.get('ss_fading')).toBe('0.25')
  expect(metadata.get('faded')).toMatch(/^[01](,[01]){2}$/)
})

test('the forecast counts what it learns and what it keeps', async () => {
  const { adaptedSizes } = await program.load<typeof import('../../main/operations/tools/adapted-sizes.ts')>('main/operations/tools/adapted-sizes.ts') // prettier-ignore
  const { trainingMemory } = await program.load<typeof import('../../engine/training/training-memory.ts')>(
    'engine/training/training-memory.ts',
  )
  const { openCheckpoint } = await program.load<typeof import('../../engine/models/open-checkpoint.ts')>('engine/models/open-checkpoint.ts')
  const asked = (method: string) => ({
    ...trainRequest.parse({ dataset: 'd', rank: 3, alpha: 3 }),
    method: method as TrainRequest['method'],
  })
  const sizes = async (method: string) => adaptedSizes({ path: embeddedPath, request: asked(method) })
  // Pairs of the same shapes as an adapter's.
  expect(await sizes('fading')).toEqual(await sizes('adapter'))
  const checkpoint = await openCheckpoint(embeddedPath)
  const memory = (method: string): number => trainingMemory(checkpoint, asked(method), { side: 64, threads: 1 })
  expect(memory('fading')).toBeGreaterThan(memory('adapter'))
})

test('what it cannot do is refused before a run begins', async () => {
  const { trainingRules } = await program.load<typeof import('../../engine/training-rules.ts')>('engine/training-rules.ts')
  const told = (more: object, continued = false): unknown[] => {
    const form = { ...trainRequest.parse({ dataset: 'd', rank: 4 }), method: 'fading', ...more } as unknown as TrainRequest
    return trainingRules.flatMap((rule) => {
      try {
        rule(form, continued)
        return []
      } catch (error) {
        return (error as { code: string }).code
      }
    })
  }
  expect(told({})).toEqual([])
  expect(told({}, true)).toEqual(['continue-method'])
  expect(told({ steps: 1 })).toEqual(['fading-steps'])
  expect(told({ members: 2 })).toContain('members-variant')
  expect(told({ methodOptions: { pull: -1 } })).toContain('method-option-invalid')
})
