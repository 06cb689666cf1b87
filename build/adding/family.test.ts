// A model family is a folder: put beside the others, its checkpoints are opened, told by its title and drawn from, adapters are written and read with
// its names, and training hears its own conditions. Nothing else may know families by name.
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Family } from '../../engine/checkpoint/config.ts'
import { writeDataset } from '../../main/operations/testing.ts'
import { programWith } from './testing-program.ts'

/** As Stable Diffusion 2.x, but a pipeline, widths, names and a condition of its own: how old the drawing is. */
const program = await programWith({
  'engine/models/families/fresco/family.ts': `import { because } from '../../../requests/reason.ts'
import { heardAs, textDenoiser } from '../../denoiser.ts'
import { notMine, type ModelFamily } from '../../family.ts'
import { sinusoid } from '../../sinusoid.ts'
import { sd2 } from '../sd2/family.ts'
const { unet, textEncoders } = sd2.published
export const fresco: ModelFamily = {
  ...sd2,
  name: 'fresco',
  title: 'Fresco',
  published: {
    unet: { ...unet, crossAttentionDim: 1100, addedCondition: { timeEmbedDim: 8, inputDim: 72 } },
    textEncoders: textEncoders.map((text) => ({ ...text, width: 1100 })) },
  pipelines: ['FrescoPipeline'],
  textEncoders: sd2.textEncoders.map((text) => ({ ...text, inAdapters: { kohya: 'lora_fresco', comfyui: 'clip_f' } })),
  heads: () => 2,
  metadata: () => ({ ss_base_model_version: 'fresco_v1', ss_v2: false, architecture: 'fresco', implementation: 'diffusers' }),
  kohyaUnetPath: (path) => \`wall.\${path}\`,
  block: () => undefined,
  denoiser: {
    open(graph, config, heard = {}) {
      const age = heardAs(graph, heard, 'age', ['N'])
      return { ...textDenoiser.open(graph, config, heard), added: () => sinusoid(age, 72) }
    },
    feeds: ({ context }, sizes) => ({ context, age: { shape: [sizes.length], data: new Float32Array(sizes.length).fill(500) } }),
  },
  recogniseFile: () => notMine('it comes in folders'),
  recogniseFolder: ({ pipeline }) =>
    pipeline === 'FrescoPipeline' ? { mine: true, evidence: [because('folder-fresco', 'A fresco.')] } : notMine('no fresco'),
}
`,
})
afterAll(() => program[Symbol.dispose]())

const name = 'fresco' as Family
const folder = join(program.root, 'work/wall')
const file = join(program.root, 'work/leaf.safetensors')
const load = {
  testing: () => program.load<typeof import('../../engine/models/testing.ts')>('engine/models/testing.ts'),
  open: () => program.load<typeof import('../../engine/models/open-checkpoint.ts')>('engine/models/open-checkpoint.ts'),
  formats: () => program.load<typeof import('../../engine/adapter-formats/read.ts')>('engine/adapter-formats/read.ts'),
}

beforeAll(async () => {
  const { writeDiffusers, soundModel } = await load.testing()
  await writeDiffusers(folder, soundModel(name, { normGroups: 8 }))
})

test('its checkpoint is opened, and told by its title', async () => {
  const { openCheckpoint } = await load.open()
  const { family, evidence } = await openCheckpoint(folder)
  expect(family).toBe('fresco')
  expect(evidence.map(({ message }) => message)).toContain('A fresco.')
  expect((await program.pigment('inspect', folder)).text).toContain('Fresco')
})

test('an adapter is trained under its conditions, written and read with its names and words', async () => {
  const dataset = join(program.root, 'work/leaves')
  await writeDataset(dataset, ['leaf'])
  const taken = await program.pigment(
    ...[
      'train',
      '--model',
      folder,
      '--dataset',
      dataset,
      '--out',
      file,
      '--steps',
      '1',
      '--rank',
      '1',
      '--resolution',
      '32',
      '--batch',
      '1',
    ],
  )
  expect(taken).toMatchObject({ code: 0 })
  const { openSafetensors } = await import('../../engine/files/safetensors.ts')
  const { entries, metadata } = await openSafetensors(file)
  expect([...entries.keys()].every((key) => key.startsWith('lora_unet_wall_'))).toBe(true)
  expect(['ss_base_model_version', 'modelspec.architecture'].map((key) => metadata.get(key))).toEqual(['fresco_v1', 'fresco/lora'])
  const { readAdapter, moduleShapes } = await load.formats()
  const { openCheckpoint } = await load.open()
  const { skipped, modules } = await readAdapter(file, moduleShapes(await openCheckpoint(folder)))
  expect([skipped, modules.length]).toEqual([[], entries.size / 3])
})

test('a file made for it is told so, and its layers are tried where no base model is named', async () => {
  const { familyHint } = await program.load<typeof import('../../engine/adapter-formats/family-hint.ts')>(
    'engine/adapter-formats/family-hint.ts',
  )
  const key = 'lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k.lora_down.weight'
  const entry = { name: key, dtype: 'F32', shape: [1, 1100], offset: 0, length: 4400 }
  expect(familyHint({ path: 'a', entries: new Map([[key, entry]]), metadata: new Map() } as never)).toBe('Fresco')
})

test('what is supported names it', async () => {
  const { supportedTitles } = await program.load<typeof import('../../engine/models/supported.ts')>('engine/models/supported.ts')
  expect(supportedTitles('and')).toContain('Fresco, Stable Diffusion 1.x')
})
