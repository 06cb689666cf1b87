import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { PngText } from './formats/png-text.ts'
import { readRecipe } from './recipe.ts'

const from = (texts: Readonly<Record<string, unknown>>) => {
  const said = Object.entries(texts).map(([keyword, value]): PngText => ({
    keyword,
    text: typeof value === 'string' ? value : JSON.stringify(value),
  }))
  const recipe = readRecipe(said)
  if (!recipe || !('prompt' in recipe)) return recipe
  const { settings, text: _text, ...rest } = recipe
  return { ...rest, settings: Object.fromEntries(settings) }
}
const asked = { prompt: 'a red apple', negativePrompt: 'blurry' }

/** ComfyUI's own first workflow. */
const usual = (changes: Readonly<Record<string, unknown>> = {}) => ({
  '3': {
    class_type: 'KSampler',
    inputs: {
      seed: 7,
      steps: 20,
      cfg: 8,
      sampler_name: 'dpmpp_2m',
      scheduler: 'karras',
      denoise: 1,
      model: ['4', 0],
      positive: ['6', 0],
      negative: ['7', 0],
      latent_image: ['5', 0],
    },
  },
  '4': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'sd15\\some-model.safetensors' } },
  '5': { class_type: 'EmptyLatentImage', inputs: { width: 512, height: 768, batch_size: 1 } },
  '6': { class_type: 'CLIPTextEncode', inputs: { text: 'a red apple', clip: ['4', 1] } },
  '7': { class_type: 'CLIPTextEncode', inputs: { text: 'blurry', clip: ['4', 1] } },
  '8': { class_type: 'VAEDecode', inputs: { samples: ['3', 0], vae: ['4', 2] } },
  '9': { class_type: 'SaveImage', inputs: { filename_prefix: 'ComfyUI', images: ['8', 0] } },
  ...changes,
})
const line = {
  Steps: '20',
  Sampler: 'dpmpp_2m',
  'Schedule type': 'karras',
  'CFG scale': '8',
  Seed: '7',
  Size: '512x768',
  Model: 'some-model',
  Emphasis: 'ComfyUI',
}
const sampler = (changes: Readonly<Record<string, unknown>>, id = '3') => ({
  [id]: { class_type: 'KSampler', inputs: { ...usual()['3'].inputs, ...changes } },
})

test('ComfyUI’s usual graph', () => {
  expect(from({ prompt: usual(), workflow: '{"nodes": []}' })).toEqual({ program: 'ComfyUI', ...asked, settings: line, loras: [] })
})

test('ComfyUI: adapters on the way from the checkpoint, clip skip, and a text and a seed that other nodes hold', () => {
  const graph = usual({
    ...sampler({ seed: ['21', 0], model: ['11', 0] }),
    '10': {
      class_type: 'LoraLoader',
      inputs: { lora_name: 'styles/ink wash.safetensors', strength_model: 0.8, strength_clip: 0.5, model: ['12', 0], clip: ['4', 1] },
    },
    '11': { class_type: 'LoraLoaderModelOnly', inputs: { lora_name: 'moss.safetensors', strength_model: 1, model: ['10', 0] } },
    '12': {
      class_type: 'Power Lora Loader (rgthree)',
      inputs: {
        lora_1: { on: true, lora: 'fox.safetensors', strength: 0.6 },
        lora_2: { on: false, lora: 'off.safetensors', strength: 1 },
        model: ['4', 0],
        clip: ['4', 1],
      },
    },
    '13': { class_type: 'CLIPSetLastLayer', inputs: { stop_at_clip_layer: -2, clip: ['10', 1] } },
    '6': { class_type: 'CLIPTextEncode', inputs: { text: ['20', 0], clip: ['13', 0] } },
    '20': { class_type: 'PrimitiveString', inputs: { value: 'a red apple' } },
    '21': { class_type: 'Seed (rgthree)', inputs: { seed: 99 } },
  })
  expect(from({ prompt: graph })).toMatchObject({
    ...asked,
    settings: { ...line, Seed: '99', 'Clip skip': '2' },
    loras: [
      { name: 'fox', weight: 0.6 },
      { name: 'ink wash', weight: 0.8, textWeight: 0.5 },
      { name: 'moss', weight: 1, textWeight: 0 },
    ],
  })
})

test('ComfyUI: of two samplers the first, with the second named; image to image; a control net between', () => {
  const hires = usual({
    ...sampler({ latent_image: ['31', 0], denoise: 0.5, steps: 8, seed: 8 }, '30'),
    '31': { class_type: 'LatentUpscale', inputs: { samples: ['3', 0], width: 1024, height: 1536 } },
    '8': { class_type: 'VAEDecode', inputs: { samples: ['30', 0], vae: ['4', 2] } },
  })
  expect(from({ prompt: hires })).toMatchObject({ ...asked, settings: { ...line, 'Hires upscale': '?' } })
  const again = usual({
    ...sampler({ latent_image: ['40', 0], denoise: 0.6, positive: ['42', 0], negative: ['42', 1] }),
    '40': { class_type: 'VAEEncode', inputs: { pixels: ['41', 0], vae: ['4', 2] } },
    '41': { class_type: 'LoadImage', inputs: { image: 'x.png' } },
    '42': { class_type: 'ControlNetApplyAdvanced', inputs: { positive: ['6', 0], negative: ['7', 0], strength: 1, image: ['41', 0] } },
  })
  const { Size: _, ...rest } = line
  expect(from({ prompt: again })).toMatchObject({ ...asked, settings: { ...rest, 'Denoising strength': '0.6', ControlNet: '?' } })
})

test('ComfyUI: a graph without a usual sampler, one in a circle and one of nonsense are named, not read', () => {
  const unread = { program: 'ComfyUI' }
  expect(from({ prompt: { '1': { class_type: 'SamplerCustomAdvanced', inputs: { noise: ['2', 0] } } } })).toMatchObject(unread)
  expect(from({ prompt: usual(sampler({ positive: ['3', 0], latent_image: ['3', 0], model: ['3', 0] })) })).toMatchObject({ prompt: '' })
  expect(from({ workflow: '{"nodes": []}' })).toMatchObject(unread)
  expect(from({ prompt: '{"3": null}' })).toMatchObject(unread)
})

test('ComfyUI: NaN, which is no JSON, and loaders without an adapter', () => {
  const loaders = {
    ...sampler({ model: ['11', 0] }),
    '10': { class_type: 'LoraLoader', inputs: { lora_name: 'None', strength_model: 1, strength_clip: 1, model: ['4', 0] } },
    '11': { class_type: 'Power Lora Loader (rgthree)', inputs: { lora_1: { on: true, lora: 'None', strength: 1 }, model: ['10', 0] } },
    '6': { class_type: 'CLIPTextEncode', inputs: { text: 'a \\"NaN\\" [NaN]', clip: ['4', 1] }, is_changed: ['?'] },
  }
  const prompt = JSON.stringify(usual(loaders)).replace('"is_changed":["?"]', '"is_changed":[NaN,-Infinity]')
  expect(() => JSON.parse(prompt) as unknown).toThrow(SyntaxError)
  expect(from({ prompt })).toMatchObject({ prompt: 'a \\"NaN\\" [NaN]', settings: line, loras: [] })
})

test('a picture of an empty prompt has one, and a loader without an adapter none', () => {
  const said = { positive_prompt: '', negative_prompt: 'blurry', seed: 7, loras: [{ model: { name: 'None' }, weight: 1 }] }
  expect(from({ invokeai_metadata: said })).toMatchObject({ program: 'InvokeAI', prompt: '', negativePrompt: 'blurry', loras: [] })
})

test.each<[string, Readonly<Record<string, unknown>>, object]>([
  [
    'InvokeAI',
    {
      invokeai_metadata: {
        generation_mode: 'txt2img',
        positive_prompt: 'a red apple',
        negative_prompt: 'blurry',
        width: 512,
        height: 640,
        seed: 7,
        steps: 30,
        cfg_scale: 7.5,
        scheduler: 'euler_a',
        clip_skip: 1,
        model: { key: 'x', name: 'some-model', base: 'sd-1' },
        loras: [
          { model: { name: 'ink' }, weight: 0.75 },
          { lora: { model_name: 'moss', base_model: 'sd-1' }, weight: 1.2 },
        ],
      },
    },
    {
      settings: { Steps: '30', Sampler: 'euler_a', 'CFG scale': '7.5', Seed: '7', Size: '512x640', Model: 'some-model', 'Clip skip': '2' },
      loras: [
        { name: 'ink', weight: 0.75 },
        { name: 'moss', weight: 1.2 },
      ],
    },
  ],
  [
    'NovelAI',
    {
      Software: 'NovelAI',
      Description: 'a red apple',
      Comment: {
        prompt: 'a red apple',
        uc: 'blurry',
        steps: 28,
        scale: 5,
        seed: 7,
        sampler: 'k_euler_ancestral',
        noise_schedule: 'native',
      },
    },
    { settings: { Steps: '28', Sampler: 'k_euler_ancestral', 'Schedule type': 'native', 'CFG scale': '5', Seed: '7' } },
  ],
  [
    'Fooocus',
    {
      fooocus_scheme: 'fooocus',
      parameters: {
        prompt: 'a red apple',
        negative_prompt: 'blurry',
        steps: 30,
        guidance_scale: 4,
        resolution: '(896, 1152)',
        seed: '7',
        sampler: 'dpmpp_2m_sde_gpu',
        scheduler: 'karras',
        base_model: 'juggernaut.safetensors',
        clip_skip: 2,
        loras: [['ink.safetensors', 0.5, 'abc']],
        version: 'Fooocus v2.5.5',
      },
    },
    {
      settings: { Size: '896x1152', Model: 'juggernaut', Sampler: 'dpmpp_2m_sde_gpu', 'Clip skip': '2', 'CFG scale': '4', Seed: '7' },
      loras: [{ name: 'ink', weight: 0.5 }],
    },
  ],
  [
    'SwarmUI',
    {
      parameters: {
        sui_image_params: {
          prompt: 'a red apple',
          negativeprompt: 'blurry',
          model: 'sd/some-model.safetensors',
          seed: 7,
          steps: 20,
          cfgscale: 7,
          width: 512,
          height: 512,
          sampler: 'euler',
          scheduler: 'normal',
          loras: ['styles/ink', 'moss'],
          loraweights: ['0.5', '1'],
        },
      },
    },
    {
      settings: { Model: 'some-model', Sampler: 'euler', 'Schedule type': 'normal', 'CFG scale': '7', Size: '512x512' },
      loras: [
        { name: 'ink', weight: 0.5 },
        { name: 'moss', weight: 1 },
      ],
    },
  ],
  [
    'CivitAI',
    {
      parameters: {
        'resource-stack': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'urn:air:x' } },
        extraMetadata: JSON.stringify({
          prompt: 'a red apple',
          negativePrompt: 'blurry',
          steps: 25,
          cfgScale: 4,
          sampler: 'Euler a',
          seed: 7,
          width: 512,
          height: 512,
          resources: [
            { modelName: 'ink', type: 'lora', weight: 0.5 },
            { modelName: 'some', type: 'checkpoint' },
          ],
        }),
      },
    },
    { settings: { Steps: '25', Sampler: 'Euler a', 'CFG scale': '4', Seed: '7' }, loras: [{ name: 'ink', weight: 0.5 }] },
  ],
  [
    'JSON',
    { parameters: { prompt: 'a red apple', negative_prompt: 'blurry', steps: 30, seed: '8' } },
    { settings: { Steps: '30', Seed: '8' } },
  ],
])('%s', (program, texts, rest) => {
  expect(from(texts)).toMatchObject({ program, ...asked, ...rest })
})

test('JSON is never a prompt', () => {
  for (const parameters of ['{"a": 1}', '{"prompt": {"a": 1}}', '{"prompt": "{\\"a\\": 1}"}', '{"prompt": "x"', '[{"prompt": "x"}]'])
    expect(from({ parameters })).toEqual({ program: 'JSON', text: parameters })
  // Braces and brackets of a prompt are not JSON.
  for (const prompt of ['{red|blue} apple', '[red:blue:0.5] apple', '[[a]] b'])
    expect(from({ parameters: prompt })).toMatchObject({ program: 'A1111', prompt })
})

test('A1111’s line wins over a graph beside it, and a text that was too large is none', () => {
  const parameters = 'a red apple\nNegative prompt: blurry\nSteps: 28, Sampler: Euler a, CFG scale: 7, Seed: 42, Version: v1.10.1'
  expect(from({ prompt: usual(), parameters })).toMatchObject({ program: 'A1111', ...asked, settings: { Seed: '42' } })
  expect(readRecipe([{ keyword: 'prompt', text: '', omitted: 2_000_000 }])).toBeUndefined()
  expect(from({})).toBeUndefined()
  expect(from({ Dream: '"x" -s 50' })).toMatchObject({ program: 'InvokeAI 1' })
})

test('our own weights, of one strength and of two', () => {
  const parameters = 'a\nSteps: 1, Seed: 2, Size: 8x8, Lora weights: "ink: 0.5, moss: 0:-1, x", Version: Pigment'
  expect(from({ parameters })).toMatchObject({
    program: 'Pigment',
    loras: [
      { name: 'ink', weight: 0.5 },
      { name: 'moss', weight: -1, textWeight: 0 },
    ],
  })
})

test.each([
  ['a fox <lora:ink:0.5><lora:moss, green:0:-1>', 'a fox'],
  ['<lora:ink:0.5><lora:moss, green:0:-1>', ''],
  // A tag that could not be read was part of the prompt; without all of them at the end, none is ours.
  ['a <lora:x:y> <lora:ink:0.5><lora:moss, green:0:-1>', 'a <lora:x:y>'],
  ['a  fox,,', 'a  fox,,'],
])('our own tags behind a prompt, %j, are no part of it, and have the names as they are', (written, prompt) => {
  const parameters = `${written}\nSteps: 1, Seed: 2, Size: 8x8, Lora weights: "ink: 0.5, moss_ green: 0:-1", Version: Pigment`
  const named = written === prompt ? 'moss_ green' : 'moss, green'
  expect(from({ parameters })).toMatchObject({
    prompt,
    loras: [
      { name: 'ink', weight: 0.5 },
      { name: named, weight: -1, textWeight: 0 },
    ],
  })
  expect(from({ parameters: parameters.replace('Pigment', 'v1.10.1') })).toMatchObject({ prompt: written })
  // A picture of one adapter under a prompt that ended with a tag of its own.
  const other = 'a <lora:x:y>\nSteps: 1, Seed: 2, Size: 8x8, Lora weights: "ink: 0.5", Version: Pigment'
  expect(from({ parameters: other })).toMatchObject({ prompt: 'a <lora:x:y>', loras: [{ name: 'ink', weight: 0.5 }] })
})

test('a graph of thousands of samplers and outputs is walked in bounded time', () => {
  const inputs = (i: number) => ({ ...usual()['3'].inputs, latent_image: [String(i + 1), 0] })
  const chain = Array.from({ length: 4000 }, (_, i) => [String(i), { class_type: 'KSampler', inputs: inputs(i) }] as const)
  const ends = Array.from({ length: 4000 }, (_, i) => [`e${i}`, { class_type: 'Other', inputs: { images: ['0', 0] } }] as const)
  expect(from({ prompt: Object.fromEntries([...chain, ...ends]) })).toMatchObject({
    program: 'ComfyUI',
    settings: { 'Hires upscale': '?' },
  })
})

test('any JSON gives a recipe or the name of its program', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('parameters', 'prompt', 'invokeai_metadata', 'Comment'),
      fc.dictionary(fc.string(), fc.jsonValue()),
      (keyword, value) => {
        const recipe = readRecipe([{ keyword, text: JSON.stringify(value) }])
        expect(typeof recipe?.program).toBe('string')
      },
    ),
    { numRuns: 300 },
  )
})
