// Graphs whose sampler is put together of parts, as ComfyUI's own examples of custom sampling are, and Fooocus' second scheme (modules/meta_parser.py).
import { expect, test } from 'vitest'
import { readRecipe } from '../recipe.ts'

type Inputs = Readonly<Record<string, unknown>>
const node = (class_type: string, inputs: Inputs) => ({ class_type, inputs })
const usual = {
  ckpt: node('CheckpointLoaderSimple', { ckpt_name: 'some-model.safetensors' }),
  latent: node('EmptyLatentImage', { width: 512, height: 768, batch_size: 1 }),
  good: node('CLIPTextEncode', { text: 'a red apple', clip: ['ckpt', 1] }),
  bad: node('CLIPTextEncode', { text: 'blurry', clip: ['ckpt', 1] }),
  decoded: node('VAEDecode', { samples: ['sampling', 0], vae: ['ckpt', 2] }),
  saved: node('SaveImage', { images: ['decoded', 0] }),
}
const read = (graph: Readonly<Record<string, unknown>>) => {
  const recipe = readRecipe([{ keyword: 'prompt', text: JSON.stringify({ ...usual, ...graph }) }])
  if (!recipe || !('prompt' in recipe)) throw new Error('It was not read.')
  return { ...recipe, settings: Object.fromEntries(recipe.settings) }
}

const advanced = {
  sampling: node('SamplerCustomAdvanced', {
    noise: ['noise', 0],
    guider: ['guider', 0],
    sampler: ['solver', 0],
    sigmas: ['sigmas', 0],
    latent_image: ['latent', 0],
  }),
  noise: node('RandomNoise', { noise_seed: 7 }),
  guider: node('CFGGuider', { model: ['ckpt', 0], positive: ['good', 0], negative: ['bad', 0], cfg: 6 }),
  solver: node('KSamplerSelect', { sampler_name: 'dpmpp_2m' }),
  sigmas: node('BasicScheduler', { model: ['ckpt', 0], scheduler: 'karras', steps: 20, denoise: 1 }),
}

test('SamplerCustomAdvanced: noise, guider, solver and noise levels are parts', () => {
  expect(read(advanced)).toMatchObject({
    prompt: 'a red apple',
    negativePrompt: 'blurry',
    settings: {
      Steps: '20',
      Sampler: 'dpmpp_2m',
      'Schedule type': 'karras',
      'CFG scale': '6',
      Seed: '7',
      Size: '512x768',
      Model: 'some-model',
    },
    loras: [],
  })
})

test('parts whose kind is the choice, a guide without guidance, adapters of the model alone, and what acts on the model', () => {
  const graph = {
    ...advanced,
    guider: node('BasicGuider', { model: ['patched', 0], conditioning: ['good', 0] }),
    solver: node('SamplerEulerAncestral', { eta: 0.5, s_noise: 1 }),
    sigmas: node('KarrasScheduler', { steps: 12, sigma_max: 14.6, sigma_min: 0.03, rho: 7 }),
    patched: node('ModelSamplingDiscrete', { model: ['rescaled', 0], sampling: 'v_prediction', zsnr: true }),
    rescaled: node('RescaleCFG', { model: ['rerouted', 0], multiplier: 0.7 }),
    rerouted: node('Reroute', { model: ['alone', 0] }),
    alone: node('LoraLoaderModelOnly', { model: ['ckpt', 0], lora_name: 'ink.safetensors', strength_model: 0.8 }),
  }
  const { settings, loras } = read(graph)
  expect(settings).toMatchObject({ Sampler: 'euler_ancestral', 'Schedule type': 'karras', Steps: '12', 'CFG scale': '1', Eta: '0.5' })
  expect(settings).toMatchObject({ 'CFG Rescale': '0.7', 'Node ModelSamplingDiscrete': 'v_prediction zsnr', Model: 'some-model' })
  expect(loras).toEqual([{ name: 'ink', weight: 0.8, textWeight: 0 }])
})

test('SamplerCustom with a stack of adapters, the last layer but one, and texts that are joined', () => {
  const { prompt, settings, loras } = read({
    sampling: node('SamplerCustom', {
      model: ['stacked', 0],
      add_noise: true,
      noise_seed: 9,
      cfg: 5,
      positive: ['joined', 0],
      negative: ['bad', 0],
      sampler: ['solver', 0],
      sigmas: ['sigmas', 0],
      latent_image: ['latent', 0],
    }),
    solver: advanced.solver,
    sigmas: advanced.sigmas,
    stacked: node('CR Apply LoRA Stack', { model: ['ckpt', 0], clip: ['ckpt', 1], lora_stack: ['stack', 0] }),
    stack: node('CR LoRA Stack', {
      switch_1: 'On',
      lora_name_1: 'ink.safetensors',
      model_weight_1: 0.8,
      clip_weight_1: 0.5,
      switch_2: 'Off',
      lora_name_2: 'off.safetensors',
      model_weight_2: 1,
      clip_weight_2: 1,
    }),
    joined: node('ConditioningConcat', { conditioning_to: ['first', 0], conditioning_from: ['good', 0] }),
    first: node('CLIPTextEncode', { text: 'a hill', clip: ['layer', 0] }),
    layer: node('CLIPSetLastLayer', { stop_at_clip_layer: -2, clip: ['ckpt', 1] }),
  })
  expect([prompt, loras]).toEqual(['a hill BREAK a red apple', [{ name: 'ink', weight: 0.8, textWeight: 0.5 }]])
  expect(settings).toMatchObject({ Seed: '9', 'CFG scale': '5', Steps: '20', 'Clip skip': '2' })
})

test('a conditioning of a part of the picture is told', () => {
  const area = node('ConditioningSetArea', { conditioning: ['good', 0], width: 64, height: 64, x: 0, y: 0, strength: 1 })
  const guider = node('CFGGuider', { ...advanced.guider.inputs, positive: ['area', 0] })
  expect(read({ ...advanced, area, guider })).toMatchObject({ prompt: 'a red apple', settings: { 'Node ConditioningSetArea': '?' } })
})

test('Fooocus’ a1111 scheme is Fooocus’', () => {
  const line =
    'Steps: 30, Sampler: DPM++ 2M SDE Karras, Seed: 7, Size: 896x1152, CFG scale: 4, Sharpness: 2, ADM Guidance: "(1.5, 0.8, 0.3)", Model: some-model, Model hash: 0123456789, Performance: Speed, Scheduler: karras, VAE: Default (model), Raw prompt: a red apple, Lora hashes: "ink: 0123456789", Lora weights: "ink: 0.5", Version: Fooocus v2.5.5'
  const recipe = readRecipe([{ keyword: 'parameters', text: `a red apple, cinematic\nNegative prompt: blurry\n${line}` }])
  expect(recipe).toMatchObject({ program: 'Fooocus', prompt: 'a red apple, cinematic', loras: [{ name: 'ink', weight: 0.5 }] })
  const settings = recipe && 'settings' in recipe ? recipe.settings : new Map<string, string>()
  expect([settings.get('Sampler'), settings.get('Schedule type'), settings.get('Sharpness')]).toEqual(['DPM++ 2M SDE', 'karras', '2'])
})
