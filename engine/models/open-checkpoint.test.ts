import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { moduleShapes } from '../adapter-formats/base-modules.ts'
import { writeSafetensors } from '../files/safetensors.ts'
import { toFloat32 } from '../tensor/dtype.ts'
import type { Checkpoint, Family, TensorSource, WeightMap } from '../checkpoint/config.ts'
import { openCheckpoint } from './open-checkpoint.ts'
import { singleFileTensors, writeSingleFile } from './testing-single-file.ts'
import { tensorsOf, tinyModel, writeDiffusers, type TinyModel, type Weights } from './testing.ts'

let folder = ''
let made = 0
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pigment-models-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))
const fresh = (ending = ''): string => join(folder, `model-${made++}${ending}`)

async function openFolderOf(model: TinyModel): Promise<Checkpoint> {
  const path = fresh()
  await writeDiffusers(path, model)
  return openCheckpoint(path)
}

async function openFileOf(model: TinyModel, metadata?: Record<string, string>): Promise<Checkpoint> {
  const path = fresh('.safetensors')
  await writeSingleFile(path, model, metadata)
  return openCheckpoint(path)
}

const files = new Map<string, Promise<Buffer>>()
async function values({ file, dtype, shape, offset, length, transposed }: TensorSource): Promise<number[]> {
  if (!files.has(file)) files.set(file, readFile(file))
  const bytes = await files.get(file)
  const data = toFloat32(new Uint8Array(bytes?.subarray(offset, offset + length) ?? []), dtype)
  const [rows = 1, columns = 1] = shape
  return Array.from(data, (x, i) => (transposed ? (data[(i % rows) * columns + Math.floor(i / rows)] ?? NaN) : x))
}

async function expectWeights(found: WeightMap, model: Weights): Promise<void> {
  expect([...found.keys()]).toEqual([...model.keys()])
  for (const [key, { shape, data }] of model) {
    const source = found.get(key)
    if (!source) throw new Error(key)
    expect(source.transposed ? source.shape.toReversed() : source.shape, key).toEqual(shape)
    if (data.length < 5000) expect(await values(source), key).toEqual([...data])
  }
}

const variants: readonly (readonly [string, TinyModel])[] = [
  ['sd1', tinyModel('sd1')],
  ['sd2', tinyModel('sd2')],
  ['sdxl', tinyModel('sdxl')],
  [
    'sd1 with three levels of two layers',
    tinyModel('sd1', { blockOutChannels: [32, 32, 64], heads: [8, 8, 8], layersPerBlock: 2, transformerLayers: [0, 1, 1] }),
  ],
  ['sd2 with one level', tinyModel('sd2', { blockOutChannels: [64], heads: [1], transformerLayers: [1] })],
  [
    'sdxl with four levels',
    tinyModel('sdxl', { blockOutChannels: [32, 32, 64, 64], heads: [1, 1, 1, 1], transformerLayers: [0, 1, 2, 0] }),
  ],
]

describe('both layouts', () => {
  test.each(variants)('%s: give the model that was written', async (_, model) => {
    for (const found of [await openFolderOf(model), await openFileOf(model)]) {
      expect(found.family).toBe(model.family)
      expect(found.unet.config).toEqual(model.unet.config)
      expect(found.vae.config).toEqual(model.vae.config)
      expect(found.textEncoders.map(({ config }) => config)).toEqual(model.textEncoders.map(({ config }) => config))
      await expectWeights(found.unet.weights, model.unet.weights)
      await expectWeights(found.vae.weights, model.vae.weights)
      for (const [i, { weights }] of model.textEncoders.entries()) await expectWeights(found.textEncoders[i]?.weights ?? new Map(), weights)
    }
  })

  test('differ in what they carry beside the weights', async () => {
    const inFolder = await openFolderOf(tinyModel('sd1'))
    const inFile = await openFileOf(tinyModel('sd1'))
    expect([inFolder.layout, inFile.layout]).toEqual(['diffusers', 'single-file'])
    expect(inFolder.schedule).toEqual(inFile.schedule)
    expect(inFolder.tokenizer?.vocab).toContain('vocab.json')
    expect(inFile.tokenizer).toBeUndefined()
    expect(inFile.name).toMatch(/^model-\d+$/)
    for (const { message } of [...inFolder.evidence, ...inFile.evidence]) expect(message).toMatch(/^[^{}]+\.$/)
  })

  test('list their modules for adapters', async () => {
    const { family, layout, shapes } = moduleShapes(await openFileOf(tinyModel('sdxl')))
    expect({ family, layout }).toMatchObject({ family: 'sdxl', layout: { layersPerBlock: 1 } })
    expect(shapes.get('unet.down_blocks.1.attentions.0.transformer_blocks.1.attn2.to_k')).toEqual([64, 80])
    expect(shapes.get('text_encoder.text_model.encoder.layers.1.self_attn.q_proj')).toEqual([32, 32])
    expect(shapes.get('text_encoder_2.text_projection')).toEqual([24, 48])
  })
})

describe('single files', () => {
  const write = async (model: TinyModel, edit: (tensors: ReturnType<typeof singleFileTensors>) => void): Promise<string> => {
    const path = fresh('.safetensors')
    const tensors = singleFileTensors(model)
    edit(tensors)
    await writeSafetensors(path, tensorsOf(tensors))
    return path
  }
  const marker = { shape: [0], data: new Float32Array(0) }

  test('old text encoder names without "text_model." are read', async () => {
    const path = await write(tinyModel('sd1'), (tensors) => {
      for (const [key, tensor] of [...tensors])
        if (key.includes('.text_model.')) {
          tensors.delete(key)
          tensors.set(key.replace('text_model.', ''), tensor)
        }
    })
    await expectWeights(
      (await openCheckpoint(path)).textEncoders[0]?.weights ?? new Map(),
      tinyModel('sd1').textEncoders[0]?.weights ?? new Map(),
    )
  })

  test('a text encoder of SD2 with 23 layers was cut before, and stays whole', async () => {
    const block = 'cond_stage_model.model.transformer.resblocks'
    const path = await write(tinyModel('sd2'), (tensors) => {
      for (const [key, tensor] of [...tensors])
        if (key.startsWith(`${block}.0.`)) for (let n = 3; n < 23; n++) tensors.set(key.replace(`${block}.0.`, `${block}.${n}.`), tensor)
    })
    expect((await openCheckpoint(path)).textEncoders[0]?.config.layers).toBe(23)
  })

  test('the prediction follows option, metadata, a .yaml beside it, markers, epsilon', async () => {
    const model = tinyModel('sd2')
    const v = { 'modelspec.prediction_type': 'v' }
    expect((await openFileOf(model)).schedule.prediction).toBe('epsilon')
    const said = await openFileOf(model, v)
    expect([said.schedule.prediction, said.unet.config.sampleSize]).toEqual(['v_prediction', 96])
    expect((await openCheckpoint(said.path, { prediction: 'epsilon' })).schedule.prediction).toBe('epsilon')
    expect((await openFileOf(model, { 'modelspec.architecture': 'stable-diffusion-v2-768-v' })).schedule.prediction).toBe('v_prediction')

    const beside = await openFileOf(model)
    await writeFile(beside.path.replace('.safetensors', '.yaml'), 'model:\n  params:\n    parameterization: "v"\n')
    expect((await openCheckpoint(beside.path)).schedule.prediction).toBe('v_prediction')

    const marked = await write(tinyModel('sdxl'), (tensors) => tensors.set('v_pred', marker).set('ztsnr', marker))
    expect((await openCheckpoint(marked, { prediction: 'epsilon' })).schedule).toMatchObject({ zeroTerminalSnr: false })
    expect((await openCheckpoint(marked)).schedule).toMatchObject({
      prediction: 'v_prediction',
      zeroTerminalSnr: true,
      timestepSpacing: 'trailing',
    })
  })

  test('the marker of v prediction wins over metadata that a merge has left behind', async () => {
    const path = fresh('.safetensors')
    const tensors = singleFileTensors(tinyModel('sdxl')).set('v_pred', marker)
    await writeSafetensors(path, tensorsOf(tensors), { 'modelspec.prediction_type': 'epsilon' })
    expect((await openCheckpoint(path)).schedule.prediction).toBe('v_prediction')
  })

  test('zero terminal SNR is read with v prediction only', async () => {
    const path = await write(tinyModel('sdxl'), (tensors) => tensors.set('ztsnr', marker))
    expect((await openCheckpoint(path)).schedule).toMatchObject({
      prediction: 'epsilon',
      zeroTerminalSnr: false,
      timestepSpacing: 'leading',
    })
  })

  test('without a word SD 2.x predicts v where the biases of its last block are spread, as in ComfyUI', async () => {
    const shape = { blockOutChannels: [32, 32, 32, 32], heads: [1, 1, 1, 1], layersPerBlock: 2, transformerLayers: [1, 1, 1, 0] }
    const key = 'model.diffusion_model.output_blocks.11.1.transformer_blocks.0.norm1.bias'
    const spread = (by: number, family: Family = 'sd2') =>
      write(tinyModel(family, shape), (tensors) => {
        expect(tensors.get(key)?.shape).toEqual([32])
        tensors.set(key, { shape: [32], data: Float32Array.from({ length: 32 }, (_, i) => 3 + (i % 2 === 0 ? by : -by)) })
      })
    const of = async (path: string) => (await openCheckpoint(path)).schedule.prediction
    expect([await of(await spread(0.091)), await of(await spread(0.089))]).toEqual(['v_prediction', 'epsilon'])
    expect((await openCheckpoint(await spread(0.2))).unet.config.sampleSize).toBe(96)
    expect(await of(await spread(0.2, 'sd1'))).toBe('epsilon')
    expect((await openCheckpoint(await spread(0.2), { prediction: 'epsilon' })).schedule.prediction).toBe('epsilon')
  })

  test.each<[Family, string, string]>([
    ['sd2', 'cond_stage_model.model.', 'conditioner.embedders.0.model.'],
    ['sd1', 'cond_stage_model.transformer.', 'conditioner.embedders.0.transformer.'],
  ])('%s is read in the names of sgm too', async (family, ldm, sgm) => {
    const model = tinyModel(family)
    const path = await write(model, (tensors) => {
      for (const [key, tensor] of [...tensors])
        if (key.startsWith(ldm)) {
          tensors.delete(key)
          tensors.set(key.replace(ldm, sgm), tensor)
        }
    })
    const found = await openCheckpoint(path)
    expect(found.family).toBe(family)
    await expectWeights(found.textEncoders[0]?.weights ?? new Map(), model.textEncoders[0]?.weights ?? new Map())
  })

  test('the refiner is told from SD 2.x in the names of sgm by what else its UNet hears', async () => {
    const path = await write(tinyModel('sd2'), (tensors) => {
      for (const [key, tensor] of [...tensors])
        tensors.set(key.replace('cond_stage_model.model.', 'conditioner.embedders.0.model.'), tensor)
      tensors.set('model.diffusion_model.label_emb.0.0.weight', marker)
    })
    await expect(openCheckpoint(path)).rejects.toMatchObject({ code: 'checkpoint-unsupported', facts: { kind: 'refiner' } })
  })

  test('the schedule is that of a scheduler_config.json which the caller names', async () => {
    const path = fresh('.safetensors')
    await writeSingleFile(path, tinyModel('sd2'))
    const scheduler = fresh('.json')
    await writeFile(scheduler, JSON.stringify({ beta_schedule: 'linear', timestep_spacing: 'linspace', prediction_type: 'epsilon' }))
    const { schedule } = await openCheckpoint(path, { prediction: 'v_prediction', scheduler })
    expect(schedule).toMatchObject({ betaSchedule: 'linear', timestepSpacing: 'linspace', prediction: 'v_prediction' })
    const folder = fresh('')
    await writeDiffusers(folder, tinyModel('sd1'))
    expect((await openCheckpoint(folder)).schedule).toMatchObject({ betaSchedule: 'scaled_linear' })
    expect((await openCheckpoint(folder, { scheduler })).schedule).toMatchObject({ betaSchedule: 'linear', prediction: 'epsilon' })
  })

  test('the spacing of timesteps is left to the sampler, except by the published SDXL', async () => {
    const spacings = await Promise.all(
      (['sd1', 'sd2', 'sdxl'] as const).map(async (family) => (await openFileOf(tinyModel(family))).schedule.timestepSpacing),
    )
    expect(spacings).toEqual([undefined, undefined, 'leading'])
  })

  test('missing and mis-shaped tensors are counted and named', async () => {
    const path = await write(tinyModel('sd1'), (tensors) => {
      for (const key of [...tensors.keys()]) if (key.includes('middle_block.2')) tensors.delete(key)
      tensors.set('model.diffusion_model.out.2.bias', { shape: [5], data: new Float32Array(5) })
    })
    await expect(openCheckpoint(path)).rejects.toMatchObject({
      code: 'checkpoint-incomplete',
      facts: {
        network: 'UNet',
        missingCount: 10,
        missing: expect.arrayContaining(['mid_block.resnets.1.norm1.weight']) as unknown,
        misshapen: [{ key: 'conv_out.bias', expected: [4], got: [5] }],
      },
    })
  })

  const unetOnly = (tensors: Map<string, unknown>): void => {
    for (const key of [...tensors.keys()]) if (!key.startsWith('model.diffusion_model.')) tensors.delete(key)
  }
  test.each<[string, Family, (tensors: ReturnType<typeof singleFileTensors>) => void]>([
    ['unet-only', 'sd1', unetOnly],
    ['no-vae', 'sd1', (t) => [...t.keys()].filter((key) => key.startsWith('first_stage')).forEach((key) => t.delete(key))],
    ['unclip', 'sd2', (t) => t.set('noise_augmentor.data_mean', marker)],
    ['depth', 'sd2', (t) => t.set('depth_model.x', marker)],
    ['controlnet', 'sd1', (t) => t.set('control_model.input_hint_block.0.weight', marker)],
    ['latent-consistency', 'sd1', (t) => t.set('model.diffusion_model.time_embed.cond_proj.weight', marker)],
    ['edm', 'sdxl', (t) => t.set('edm_mean', marker).set('edm_std', marker)],
    ['edm', 'sdxl', (t) => t.set('edm_vpred.sigma_max', marker).set('edm_vpred.sigma_min', marker)],
    ['video', 'sd2', (t) => t.set('model.diffusion_model.input_blocks.1.0.time_stack.in_layers.0.weight', marker)],
  ])('a checkpoint of another kind is refused: %s', async (kind, family, edit) => {
    await expect(openCheckpoint(await write(tinyModel(family), edit))).rejects.toMatchObject({
      code: 'checkpoint-unsupported',
      facts: { kind },
    })
  })

  test.each([
    ['lora', 'lora_unet_mid_block_attentions_0_proj_in.lora_down.weight'],
    ['lora', 'unet.mid_block.attentions.0.proj_in.lora_A.weight'],
    ['lora', 'lora_unet_conv_in.diff_b'],
    ['controlnet', 'controlnet_cond_embedding.conv_in.weight'],
    ['sd3', 'model.diffusion_model.joint_blocks.0.context_block.attn.qkv.weight'],
    ['flux', 'double_blocks.0.img_attn.qkv.weight'],
    ['refiner', 'conditioner.embedders.0.model.ln_final.weight'],
    ['embedding', 'emb_params'],
    ['vae', 'first_stage_model.encoder.conv_in.weight'],
    ['part', 'text_model.final_layer_norm.weight'],
    ['part', 'embeddings.token_embedding.weight'],
  ])('a file of another kind is refused: %s', async (kind, key) => {
    const path = fresh('.safetensors')
    await writeSafetensors(path, tensorsOf(new Map([[key, { shape: [1], data: new Float32Array(1) }]])))
    await expect(openCheckpoint(path)).rejects.toMatchObject({ code: 'checkpoint-unsupported', facts: { kind } })
  })

  test('an unknown file says why each family declined', async () => {
    const path = fresh('.safetensors')
    await writeSafetensors(path, tensorsOf(new Map([['backbone.0.weight', { shape: [1], data: new Float32Array(1) }]])))
    await expect(openCheckpoint(path)).rejects.toMatchObject({
      code: 'checkpoint-unknown',
      facts: { reasons: { 'Stable Diffusion 1.x': 'no tensor below "cond_stage_model.transformer."' } },
    })
  })

  test('a quantised checkpoint and a pickle are refused', async () => {
    const path = fresh('.safetensors')
    const tensors = tensorsOf(singleFileTensors(tinyModel('sd1'))).map((tensor) =>
      tensor.name.endsWith('out.2.bias') ? { ...tensor, dtype: 'F8_E4M3', data: tensor.data.subarray(0, 4) } : tensor,
    )
    await writeSafetensors(path, tensors)
    await expect(openCheckpoint(path)).rejects.toMatchObject({ code: 'checkpoint-dtype' })
    for (const [dtype, bytes] of [
      ['U8', 1],
      ['BOOL', 1],
      ['I32', 4],
      ['I64', 8],
    ] as const) {
      const whole = tensorsOf(singleFileTensors(tinyModel('sd1'))).map((tensor) =>
        tensor.name.endsWith('out.2.bias') ? { ...tensor, dtype, data: new Uint8Array(4 * bytes) } : tensor,
      )
      await writeSafetensors(path, whole)
      await expect(openCheckpoint(path)).rejects.toMatchObject({ code: 'checkpoint-dtype' })
    }
    const pickle = fresh('.ckpt')
    await writeFile(pickle, new Uint8Array([0x80, 2, 0x7d, 0x71, 0, 0x2e]))
    await expect(openCheckpoint(pickle)).rejects.toMatchObject({ code: 'pickle-refused' })
    await expect(openCheckpoint(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'file-not-found' })
  })
})

describe('other inputs', () => {
  test.each([
    [8, 'instruct-pix2pix'],
    [5, 'depth'],
    [7, 'upscaler'],
    [6, 'input'],
  ])('%i channels: %s, in both layouts', async (inChannels, kind) => {
    const model = tinyModel('sd1', { inChannels })
    const refused = { code: 'checkpoint-unsupported', facts: { kind, inChannels } }
    await expect(openFolderOf(model)).rejects.toMatchObject(refused)
    await expect(openFileOf(model)).rejects.toMatchObject(refused)
  })
})

test.each(['sd1', 'sd2', 'sdxl'] as const)('%s with 9 channels is a model for inpainting, in both layouts', async (family) => {
  const model = tinyModel(family, { inChannels: 9 })
  for (const checkpoint of [await openFolderOf(model), await openFileOf(model)]) {
    expect(checkpoint).toMatchObject({ family, unet: { config: { inChannels: 9, outChannels: 4 } } })
    expect(checkpoint.evidence.map(({ code }) => code)).toContain('input-masked')
  }
})

describe('diffusers folders', () => {
  async function changed(family: Family, file: string, fields: Record<string, unknown>): Promise<string> {
    const path = fresh()
    await writeDiffusers(path, tinyModel(family))
    const at = join(path, file)
    await writeFile(at, JSON.stringify({ ...(JSON.parse(await readFile(at, 'utf8')) as object), ...fields }))
    return path
  }

  test('config.json wins where shapes are silent', async () => {
    const unet = await openCheckpoint(
      await changed('sd1', 'unet/config.json', { attention_head_dim: 4, norm_num_groups: 16, norm_eps: 1e-6, sample_size: 8 }),
    )
    expect(unet.unet.config).toMatchObject({ heads: [4, 4], normGroups: 16, normEps: 1e-6, sampleSize: 8 })
    const schedule = await openCheckpoint(
      await changed('sd2', 'scheduler/scheduler_config.json', { prediction_type: 'v_prediction', timestep_spacing: 'trailing' }),
    )
    expect(schedule.schedule).toMatchObject({ prediction: 'v_prediction', timestepSpacing: 'trailing' })
    const text = await openCheckpoint(await changed('sd2', 'text_encoder/config.json', { num_hidden_layers: 1, num_attention_heads: 4 }))
    expect(text.textEncoders[0]?.config).toMatchObject({ layers: 1, heads: 4 })
  })

  test('two leftovers of old schedules are overruled for SD 1.x and 2.x, and followed for SDXL, as in diffusers', async () => {
    const stated = { steps_offset: 0, clip_sample: true, clip_sample_range: 2 }
    const of = async (family: Family) => (await openCheckpoint(await changed(family, 'scheduler/scheduler_config.json', stated))).schedule
    expect(await of('sdxl')).toMatchObject({ stepsOffset: 0, clipSample: 2 })
    for (const family of ['sd1', 'sd2'] as const) {
      expect(await of(family)).toMatchObject({ stepsOffset: 1 })
      expect(await of(family)).not.toHaveProperty('clipSample')
    }
  })

  /** The file that diffusers writes of `DPMSolverMultistepScheduler(solver_order=3, final_sigmas_type='sigma_min')`, shortened. */
  const written = `{"_class_name": "DPMSolverMultistepScheduler", "algorithm_type": "dpmsolver++", "lambda_min_clipped": -Infinity,
    "beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "solver_order": 3, "final_sigmas_type": "sigma_min"}`

  test('a schedule with the -Infinity that Python writes is read, and the options that are not followed are told', async () => {
    const [folder, file, scheduler] = [await changed('sd1', 'scheduler/scheduler_config.json', {}), fresh('.safetensors'), fresh('.json')]
    await writeFile(scheduler, written)
    await writeFile(join(folder, 'scheduler/scheduler_config.json'), written)
    await writeSingleFile(file, tinyModel('sd1'))
    for (const { schedule, evidence } of [await openCheckpoint(folder), await openCheckpoint(file, { scheduler })]) {
      expect(schedule).toMatchObject({ betaStart: 0.00085, betaSchedule: 'scaled_linear' })
      expect(evidence.find(({ code }) => code === 'scheduler-options')).toMatchObject({
        facts: { options: 'final_sigmas_type: "sigma_min", solver_order: 3' },
      })
    }
    const { evidence } = await openCheckpoint(await changed('sd1', 'scheduler/scheduler_config.json', {}))
    expect(evidence.map(({ code }) => code)).not.toContain('scheduler-options')
  })

  test.each([
    ['PNDMScheduler', { betaStart: 0.0001, betaEnd: 0.02, betaSchedule: 'linear', setAlphaToOne: false }],
    ['DDIMScheduler', { betaStart: 0.0001, betaEnd: 0.02, betaSchedule: 'linear', setAlphaToOne: true }],
    ['HeunDiscreteScheduler', { betaStart: 0.00085, betaEnd: 0.012, betaSchedule: 'linear' }],
    [null, { betaStart: 0.00085, betaEnd: 0.012, betaSchedule: 'scaled_linear', setAlphaToOne: false }],
  ])('what the file of a %s leaves out is what diffusers takes', async (_class_name, expected) => {
    const silent = { _class_name, beta_start: null, beta_end: null, beta_schedule: null, set_alpha_to_one: null, steps_offset: null }
    const of = async (family: Family) => (await openCheckpoint(await changed(family, 'scheduler/scheduler_config.json', silent))).schedule
    expect(await of('sd1')).toMatchObject({ ...expected, stepsOffset: 1 })
    expect(await of('sdxl')).toMatchObject({ ...expected, stepsOffset: _class_name ? 0 : 1 })
  })

  test('another schedule stands in for one that cannot be followed', async () => {
    const path = await changed('sd1', 'scheduler/scheduler_config.json', { _class_name: 'LCMScheduler' })
    const scheduler = fresh('.json')
    await writeFile(scheduler, JSON.stringify({ _class_name: 'PNDMScheduler', prediction_type: 'epsilon' }))
    expect((await openCheckpoint(path, { scheduler })).schedule).toMatchObject({ prediction: 'epsilon' })
  })

  test.each([
    'DDIMScheduler',
    'PNDMScheduler',
    'EulerDiscreteScheduler',
    'EulerAncestralDiscreteScheduler',
    'HeunDiscreteScheduler',
    'DPMSolverMultistepScheduler',
    'DPMSolverSinglestepScheduler',
    'KDPM2AncestralDiscreteScheduler',
    'UniPCMultistepScheduler',
    'DEISMultistepScheduler',
    'LMSDiscreteScheduler',
    'DDPMScheduler',
  ])('the schedule of a %s is followed, and its Karras noise levels with it', async (_class_name) => {
    const of = async (use_karras_sigmas: boolean | null) =>
      (await openCheckpoint(await changed('sd1', 'scheduler/scheduler_config.json', { _class_name, use_karras_sigmas }))).schedule
        .karrasSigmas
    expect([await of(true), await of(false), await of(null)]).toEqual([true, undefined, undefined])
  })

  test.each<Family>(['sd1', 'sdxl'])('%s: text encoders of transformers 5, without "text_model.", are read', async (family) => {
    const model = tinyModel(family)
    const path = fresh()
    await writeDiffusers(path, model)
    for (const [i, { weights }] of model.textEncoders.entries()) {
      const bare = new Map([...weights].map(([key, tensor]) => [key.replace(/^text_model\./, ''), tensor]))
      await writeSafetensors(join(path, i === 0 ? 'text_encoder' : 'text_encoder_2', 'model.safetensors'), tensorsOf(bare))
    }
    const found = await openCheckpoint(path)
    for (const [i, { weights }] of model.textEncoders.entries()) await expectWeights(found.textEncoders[i]?.weights ?? new Map(), weights)
  })

  const vocabulary = { '!': 0, 'a</w>': 5, '<|startoftext|>': 18, '<|endoftext|>': 19 }
  const decoder = { added_tokens_decoder: { 19: { content: '<|endoftext|>' } } }
  const pad = (pad_token: unknown) => ({ pad_token })
  // transformers 5.24: CLIPTokenizer.from_pretrained on these files.
  test.each<[string, Family, Record<string, object>, number]>([
    ['nothing, SD 1.x', 'sd1', {}, 19],
    ['nothing, SD 2.x', 'sd2', {}, 0],
    ['a config, SD 1.x', 'sd1', { tokenizer_config: pad('!') }, 0],
    ['a config, SD 2.x', 'sd2', { tokenizer_config: pad('<|endoftext|>') }, 19],
    ['a config with the token as a record', 'sd1', { tokenizer_config: pad({ content: 'a</w>', lstrip: false }) }, 5],
    ['a map alone', 'sd1', { special_tokens_map: pad('!') }, 0],
    ['a map beside an old config', 'sd1', { tokenizer_config: pad('<|endoftext|>'), special_tokens_map: pad('!') }, 0],
    ['a map beside a new config', 'sd1', { tokenizer_config: { ...pad('<|endoftext|>'), ...decoder }, special_tokens_map: pad('!') }, 19],
    ['a config that is silent, SD 2.x', 'sd2', { tokenizer_config: { model_max_length: 77 } }, 19],
  ])('prompts are padded as the tokenizer of the folder says: %s', async (_, family, files, padId) => {
    const path = fresh()
    await writeDiffusers(path, tinyModel(family))
    await writeFile(join(path, 'tokenizer/vocab.json'), JSON.stringify(vocabulary))
    for (const [name, content] of Object.entries(files)) await writeFile(join(path, `tokenizer/${name}.json`), JSON.stringify(content))
    expect((await openCheckpoint(path)).textEncoders[0]?.config.padId).toBe(padId)
  })

  test('each text encoder of SDXL is padded by its own tokenizer, and a token that does not exist is told', async () => {
    const path = fresh()
    await writeDiffusers(path, tinyModel('sdxl'))
    await mkdir(join(path, 'tokenizer_2'))
    for (const [name, token] of Object.entries({ tokenizer: 'a</w>', tokenizer_2: '<|endoftext|>' })) {
      await writeFile(join(path, name, 'vocab.json'), JSON.stringify(vocabulary))
      await writeFile(join(path, name, 'merges.txt'), '')
      await writeFile(join(path, name, 'tokenizer_config.json'), JSON.stringify(pad(token)))
    }
    expect((await openCheckpoint(path)).textEncoders.map(({ config }) => config.padId)).toEqual([5, 19])
    await writeFile(join(path, 'tokenizer/tokenizer_config.json'), JSON.stringify(pad('[PAD]')))
    await expect(openCheckpoint(path)).rejects.toMatchObject({ code: 'tokenizer-corrupt' })
    await writeFile(join(path, 'tokenizer/tokenizer_config.json'), JSON.stringify({ padding_side: 'left' }))
    await expect(openCheckpoint(path)).rejects.toThrow('pads on the left')
  })

  test('model_index.json says whether an empty negative prompt is zeros', async () => {
    const of = async (family: Family, fields: Record<string, unknown>) =>
      (await openCheckpoint(await changed(family, 'model_index.json', fields))).emptyIsZero
    expect(await of('sdxl', {})).toBe(true)
    expect(await of('sdxl', { force_zeros_for_empty_prompt: false })).toBe(false)
    expect(await of('sd1', {})).toBe(false)
  })

  test.each<[string, Family, string, Record<string, unknown>]>([
    ['pipeline', 'sd1', 'model_index.json', { _class_name: 'KandinskyInpaintPipeline' }],
    ['flux', 'sd1', 'model_index.json', { _class_name: 'FluxPipeline' }],
    ['pipeline', 'sd1', 'model_index.json', { _class_name: 'PixArtAlphaPipeline' }],
    ['refiner', 'sdxl', 'model_index.json', { _class_name: 'StableDiffusionXLImg2ImgPipeline', text_encoder: [null, null] }],
    ['config', 'sd1', 'unet/config.json', { time_cond_proj_dim: 256 }],
    ['config', 'sd1', 'vae/config.json', { _class_name: 'AutoencoderTiny' }],
    ['config', 'sd1', 'scheduler/scheduler_config.json', { prediction_type: 'sample' }],
    ['config', 'sd1', 'scheduler/scheduler_config.json', { thresholding: true }],
    ['config', 'sd1', 'scheduler/scheduler_config.json', { use_exponential_sigmas: true }],
    ['config', 'sd1', 'scheduler/scheduler_config.json', { timestep_type: 'continuous' }],
    ['latent-consistency', 'sd1', 'scheduler/scheduler_config.json', { _class_name: 'LCMScheduler' }],
    ['flow-matching', 'sd1', 'scheduler/scheduler_config.json', { _class_name: 'FlowMatchEulerDiscreteScheduler' }],
    ['flow-matching', 'sd1', 'scheduler/scheduler_config.json', { _class_name: 'DPMSolverMultistepScheduler', use_flow_sigmas: true }],
    ['flow-matching', 'sd1', 'scheduler/scheduler_config.json', { prediction_type: 'flow_prediction' }],
    ['edm', 'sdxl', 'scheduler/scheduler_config.json', { _class_name: 'EDMDPMSolverMultistepScheduler' }],
    ['scheduler', 'sd1', 'scheduler/scheduler_config.json', { _class_name: 'KarrasVeScheduler' }],
    ['config', 'sd1', 'unet/config.json', { attention_type: 'gated' }],
    ['config', 'sd1', 'unet/config.json', { resnet_skip_time_act: true }],
    ['config', 'sd1', 'text_encoder/config.json', { hidden_act: 'relu' }],
  ])('refused as %s', async (kind, family, file, fields) => {
    await expect(openCheckpoint(await changed(family, file, fields))).rejects.toMatchObject({
      code: 'checkpoint-unsupported',
      facts: { kind },
    })
  })

  test.each<[string, Family, string, Record<string, unknown>]>([
    ['checkpoint-incomplete', 'sd1', 'unet/config.json', { block_out_channels: [32, 64, 64], attention_head_dim: 8 }],
    ['checkpoint-incomplete', 'sd1', 'vae/config.json', { layers_per_block: 2 }],
    ['checkpoint-inconsistent', 'sd1', 'unet/config.json', { norm_num_groups: 5 }],
    ['checkpoint-inconsistent', 'sdxl', 'unet/config.json', { addition_time_embed_dim: 9 }],
    ['config-invalid', 'sd1', 'unet/config.json', { norm_eps: 'small' }],
  ])('%s when a field and the weights disagree', async (code, family, file, fields) => {
    await expect(openCheckpoint(await changed(family, file, fields))).rejects.toMatchObject({ code })
  })

  test('sharded and fp16 weights are found, pickled ones are named', async () => {
    const model = tinyModel('sd1')
    const path = fresh()
    await writeDiffusers(path, model)
    const unet = join(path, 'unet')
    const all = tensorsOf(model.unet.weights)
    const names = ['diffusion_pytorch_model-00001-of-00002.safetensors', 'diffusion_pytorch_model-00002-of-00002.safetensors']
    await rm(join(unet, 'diffusion_pytorch_model.safetensors'))
    for (const [i, name] of names.entries())
      await writeSafetensors(
        join(unet, name),
        all.filter((_, n) => n % 2 === i),
      )
    const map = Object.fromEntries(all.map(({ name }, n) => [name, names[n % 2]]))
    await writeFile(join(unet, 'diffusion_pytorch_model.safetensors.index.json'), JSON.stringify({ weight_map: map }))
    await rename(join(path, 'vae/diffusion_pytorch_model.safetensors'), join(path, 'vae/diffusion_pytorch_model.fp16.safetensors'))
    await expectWeights((await openCheckpoint(path)).unet.weights, model.unet.weights)

    await rename(join(path, 'text_encoder/model.safetensors'), join(path, 'text_encoder/pytorch_model.bin'))
    await expect(openCheckpoint(path)).rejects.toMatchObject({ code: 'checkpoint-incomplete', facts: { pickle: 'pytorch_model.bin' } })
    await rm(join(path, 'text_encoder'), { recursive: true })
    await expect(openCheckpoint(path)).rejects.toMatchObject({ code: 'checkpoint-incomplete', facts: { missing: ['text_encoder'] } })
    await expect(openCheckpoint(unet)).rejects.toMatchObject({ code: 'checkpoint-unsupported', facts: { kind: 'part' } })
  })

  test('a folder that has its weights only as a pickle is told so, whatever else it lacks', async () => {
    const path = fresh()
    await mkdir(path)
    await writeFile(join(path, 'v1-5.ckpt'), '')
    await expect(openCheckpoint(path)).rejects.toMatchObject({ code: 'pickle-refused', facts: { evidence: 'v1-5.ckpt' } })
  })

  test('any other folder is refused', async () => {
    const path = fresh()
    await mkdir(path)
    await expect(openCheckpoint(path)).rejects.toMatchObject({ code: 'checkpoint-unknown', facts: { kind: 'folder' } })
    await expect(openCheckpoint(path)).rejects.toThrow('is no model: it is empty')
    await writeFile(join(path, 'notes.txt'), '')
    await expect(openCheckpoint(path)).rejects.toThrow('is no model: it has no model_index.json')
    await writeSingleFile(join(path, 'one.safetensors'), tinyModel('sd1'))
    await expect(openCheckpoint(path)).rejects.toThrow('or a file in this one, such as "one.safetensors"')
  })
})
