// An adapter variant is a file: put into its folder, it is in the help, the form and the forecast, its keys are read where they were refused, it acts
// in a stack, it is trained, written and read back. Nothing else may know variants by name.
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { AdapterModule } from '../../engine/adapters/adapter.ts'
import type { MemoryRequest } from '../../engine/training/training-memory.ts'
import { fakeContext, writeDataset } from '../../main/operations/testing.ts'
import { embeddedPath } from '../../main/places/embedded.ts'
import { programWith } from './testing-program.ts'

// y = (1 + t) ⊙ W·x + b, with neither pair nor rank.
const program = await programWith({
  'engine/adapters/variants/tint.ts': `import { z } from 'zod'
import { add, mul, reshape } from '../../graph/math.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { TrainableVariant } from './variant.ts'
const options = z.object({ hue: z.number().min(0).max(1).default(0.5).meta({ description: 'how it begins' }) })
export const tint: TrainableVariant<typeof options> = {
  name: 'tint',
  title: 'Tint',
  options,
  spelling: { tint: { kohya: ['.tint_hue'] } },
  needs: 'it needs its tint.',
  takes: 'a tint of',
  scaled: false,
  fit: ([O = 0]) => ({ shapes: { tint: [O, 1] } }),
  rank: () => undefined,
  kinds: () => ['gain'],
  terms: ({ tensors }) => [{ kind: 'gain', side: 'output', by: (tensors.tint as Tensor).data.map((value) => 1 + value) }],
  values: ({ tensors }) => [[(tensors.tint as Tensor).data, 1]],
  distance: () => 1,
  training: {
    create: ({ path, weight: [O = 0] }, { hue }) => [
      { role: 'tint', name: 'tint/' + path, shape: [O, 1], start: { kind: 'uniform', bound: hue }, group: 'other' },
    ],
    apply(x, { tint }, layer) {
      if (!tint) return layer.output(x)
      const gain = layer.byChannel(add(reshape(tint, [-1]), 1))
      return layer.biased(mul(layer.product(x), gain))
    },
    members: { no: 'They would fade.' },
    split: ({ tensors }) => tensors,
    join: ([first]) => ({ tint: { shape: first?.tint?.shape ?? [], data: (first?.tint?.data ?? new Float32Array()).slice() } }),
    written: () => ({ module: 'tint' }),
  },
}
`,
  // As tint, but added as a whole delta: it has to be folded. It cannot be trained.
  'engine/adapters/variants/slab.ts': `import type { Tensor } from '../../tensor/tensor.ts'
import { tint } from './tint.ts'
import type { AdapterVariant } from './variant.ts'
const { options, training, ...rest } = tint
export const slab: AdapterVariant = {
  ...rest,
  name: 'slab',
  title: 'Slab',
  spelling: { slab: { kohya: ['.slab_delta'] } },
  kinds: () => ['dense'],
  terms: ({ tensors }) => [{ kind: 'dense', delta: tensors.slab as Tensor }],
}
`,
})
afterAll(() => program[Symbol.dispose]())
const load = <T>(path: string): Promise<T> => program.load<T>(path)
const request = {
  variant: 'tint',
  rank: 4,
  alpha: 4,
  layers: 'attention',
  recompute: false,
  batch: 1,
  members: 1,
  optimizer: 'adamw',
} as const
const asked = request as unknown as MemoryRequest

test('help, form and forecast have it, with its option', async () => {
  const { text } = await program.pigment('train', '--help')
  expect(text).toMatch(/--variant <NAME> .*[(]one of [^)]*\btint\b/)
  expect(text).not.toMatch(/\bslab\b/)
  expect(text).toContain('tint: hue, how it begins, a number from 0 to 1 (default: 0.5)')
  const { trainingFields } = await load<typeof import('../../main/studio/training-fields.ts')>('main/studio/training-fields.ts')
  expect(trainingFields.find(({ key }) => key === 'variant')?.cards?.find(({ name }) => name === 'tint')).toMatchObject({ title: 'Tint', options: [{ key: 'hue' }] }) // prettier-ignore
  const { trainingProblems } = await load<typeof import('../../main/studio/training-problems.ts')>('main/studio/training-problems.ts')
  const { trainRequest } = await load<typeof import('../../engine/requests/train.ts')>('engine/requests/train.ts')
  const problems = (more: object) =>
    trainingProblems(trainRequest.parse({ dataset: 'd', variant: 'tint', ...more })).map(({ code }) => code)
  expect([problems({}), problems({ members: 2 })]).toEqual([[], ['members-variant']])
  expect(problems({ variantOptions: { hue: 2 } })).toContain('variant-option-invalid')
})

test('sizes and memory are forecast from what it learns', async () => {
  const { adaptedSizes } = await load<typeof import('../../main/operations/tools/adapted-sizes.ts')>(
    'main/operations/tools/adapted-sizes.ts',
  )
  const sizes = async (variant: string) => adaptedSizes({ path: embeddedPath, request: { ...asked, variant: variant as 'lora' } })
  const [tint, lora] = [await sizes('tint'), await sizes('lora')]
  expect(tint.layers).toBe(lora.layers)
  expect(tint.trainable).toBeGreaterThan(tint.layers)
  expect(tint.trainable).toBeLessThan(lora.trainable / 4)
  const { trainingMemory } = await load<typeof import('../../engine/training/training-memory.ts')>('engine/training/training-memory.ts')
  const { openCheckpoint } = await load<typeof import('../../engine/models/open-checkpoint.ts')>('engine/models/open-checkpoint.ts')
  expect(trainingMemory(await openCheckpoint(embeddedPath), asked, { side: 64, threads: 1 })).toBeGreaterThan(2e8)
})

test('it is trained, written, read back and acts in a stack as when it is folded', async () => {
  const { trainAdapter } = await load<typeof import('../../main/operations/train.ts')>('main/operations/train.ts')
  const { train } = await load<typeof import('../../main/commands/train.ts')>('main/commands/train.ts')
  await writeDataset(join(program.root, 'set'), ['a'])
  const out = join(program.root, 'tinted.safetensors')
  const given = { dataset: join(program.root, 'set'), out, variant: 'tint', steps: 2, lr: 1e-2, resolution: 64 }
  await trainAdapter({ ...train.input.parse(given), device: 'cpu', threads: 1 }, fakeContext())

  const { readAdapter, writeAdapter } = await load<typeof import('../../engine/adapter-formats/read.ts')>('engine/adapter-formats/read.ts')
  const { Model } = await load<typeof import('../../engine/sessions/open-model.ts')>('engine/sessions/open-model.ts')
  await using model = await Model.open(embeddedPath, { threads: 1 })
  const adapter = await readAdapter(out, model.modules)
  expect(adapter.modules.every(({ variant }: AdapterModule) => variant === 'tint')).toBe(true)
  expect(adapter.metadata.ss_network_module).toBe('tint')
  const options = { modules: model.modules, precision: 'fp32' } as const
  await expect(writeAdapter(adapter, 'peft', join(program.root, 'peft'), options)).rejects.toMatchObject({ code: 'adapter-format-variant' })

  const { runAdapted, StackFeeds } = await load<typeof import('../../engine/sessions/adapted-session.ts')>(
    'engine/sessions/adapted-session.ts',
  )
  const config = model.checkpoint.unet.config
  const inputs = {
    sample: { shape: [1, config.inChannels, 8, 8], data: new Float32Array(config.inChannels * 64).map((_, i) => Math.sin(i)) },
    timestep: { shape: [1], data: Float32Array.of(500) },
    context: (await model.encodePrompts(['a'])).context,
  }
  const stack = [{ adapter, weight: -0.7, enabled: true }]
  const drawn = async (feeds: InstanceType<typeof StackFeeds>, unet = model.unet(feeds.stack)) =>
    (await runAdapted(await unet, inputs, feeds)).out?.data ?? new Float32Array()
  const [none, stacked] = [await drawn(new StackFeeds([])), await drawn(new StackFeeds(stack))]
  const { unet, texts } = await model.folded(stack)
  const folded = await drawn(new StackFeeds([]), Promise.resolve(unet))
  for (const { session } of [unet, ...texts]) await session[Symbol.asyncDispose]()
  const { relativeL2 } = await load<typeof import('../../engine/tensor/tensor.ts')>('engine/tensor/tensor.ts')
  expect(relativeL2(stacked, folded)).toBeLessThan(1e-5)
  expect(relativeL2(stacked, none)).toBeGreaterThan(1e-3)
})

test('what is dense is folded into a weight that is an input, and no strength takes another session', async () => {
  const { Model } = await load<typeof import('../../engine/sessions/open-model.ts')>('engine/sessions/open-model.ts')
  const { loraModule } = await load<typeof import('../../engine/adapters/variants/lora.ts')>('engine/adapters/variants/lora.ts')
  await using model = await Model.open(embeddedPath, { threads: 1 })
  const [key = '', shape = []] = [...model.modules.shapes].find(([name]) => name.endsWith('attn1.to_q')) ?? []
  const [O = 0, I = 0] = shape
  const where = { component: 'unet', path: key.slice('unet.'.length) } as const
  const filled = (...sides: number[]) => ({ shape: sides, data: new Float32Array(sides.reduce((a, b) => a * b, 1)).fill(0.1) })
  const slab: AdapterModule = { ...where, variant: 'slab', tensors: { slab: filled(O, I) }, alpha: 1 }
  const pair = loraModule(where, { down: filled(2, I), up: filled(O, 2), alpha: 2 })
  const entry = (module: AdapterModule, weight: number) => ({ adapter: { name: 'x', modules: [module], metadata: {}, skipped: [] }, weight, enabled: true }) // prettier-ignore
  const [first, again] = [await model.unet([entry(slab, 0.5), entry(pair, 1)]), await model.unet([entry(slab, 0.5), entry(pair, -2)])]
  expect(again).toBe(first)
  for (const stack of [[entry(slab, 0.6)], [entry(pair, 1)], []]) expect(await model.unet(stack)).toBe(first)
  expect(await model.unet([entry(slab, 0.5)], true)).toBe(first)
  const { stackTerms } = await load<typeof import('../../engine/sessions/adapted-session.ts')>('engine/sessions/adapted-session.ts')
  const { foldedWeights } = await load<typeof import('../../engine/sessions/folded-weights.ts')>('engine/sessions/folded-weights.ts')
  const network = { component: 'unet', weights: model.checkpoint.unet.weights, blockOf: () => undefined } as const
  const weightAt = async (strength: number) =>
    (await foldedWeights(network.weights, await stackTerms(network, [entry(slab, strength)]))).values()
  const [[folded], [base]] = [[...(await weightAt(0.5))], [...(await weightAt(1e-30))]]
  expect((folded?.data[3] ?? NaN) - (base?.data[3] ?? NaN)).toBeCloseTo(0.05, 6)
})
