// What becomes of a picture's settings: forms of ours, and what each program asked for that is not here.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { encodePng } from '../../engine/images/write-png.ts'
import { generateForm } from '../api/methods/generate.ts'
import type { ModelCard } from '../api/methods/models.ts'
import type { Library } from '../stores/library.ts'
import { libraryOf } from '../stores/testing-library.ts'
import { recall as read } from '../operations/tools/recall.ts'
import { recalledForm } from './recall.ts'

let root: string
let library: Library
const models = [{ id: 'm1', name: 'some-model' }] as unknown as readonly ModelCard[]
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'pigment-recall-'))
  library = await libraryOf(
    root,
    { 'ink.safetensors': 'Black ink', 'moss.safetensors': 'Moss', 'hands.safetensors': '' },
    {
      'hands.safetensors': { kind: 'embedding', triggers: ['hands', '<hands>'] },
    },
  )
})
afterAll(async () => {
  await library.close()
  await rm(root, { recursive: true, force: true })
})

async function recall(texts: Readonly<Record<string, unknown>>) {
  const path = join(root, 'picture.png')
  const chunks = Object.entries(texts).map(([keyword, value]) => ({
    keyword,
    text: typeof value === 'string' ? value : JSON.stringify(value),
  }))
  await writeFile(path, await encodePng({ width: 1, height: 1, data: new Uint8Array(3) }, chunks))
  const { form, missing } = recalledForm(await read({ path }), library, models)
  return { form, missing: missing.map(({ kind, name }) => `${kind} ${name}`) }
}
const a1111 = (settings: string, prompt = 'a red apple, (still life:1.2)') => ({
  parameters: `${prompt}\nNegative prompt: blurry\nSteps: 28, ${settings}, CFG scale: 7, Seed: 42, Size: 512x768`,
})
const inStack = (name: string, weight: number, more: object = {}) => ({ adapter: library.byName(name)?.id, weight, ...more, enabled: true })

test.each([
  ['DPM++ 2M, Schedule type: Karras', 'dpmpp-2m-karras-a1111', []],
  ['DPM++ 2M, Schedule type: Automatic', 'dpmpp-2m-karras-a1111', []],
  ['DPM++ 2M, Schedule type: Uniform', 'dpmpp-2m-a1111', []],
  ['DPM++ 2M Karras', 'dpmpp-2m-karras-a1111', []],
  ['Euler a, Schedule type: Automatic', 'euler-ancestral', []],
  ['Euler a', 'euler-ancestral', []],
  ['DPM++ 2M, Schedule type: Exponential', 'dpmpp-2m-a1111', []],
  ['DPM++ 2M, Schedule type: Align Your Steps', 'dpmpp-2m-a1111', []],
  ['DPM++ 2M, Schedule type: Turbo', 'dpmpp-2m-a1111', ['sampler Turbo']],
  ['DPM++ 3M SDE, Schedule type: Karras', 'dpmpp-3m-sde', []],
  ['DPM++ SDE', 'dpmpp-sde', []],
  ['DPM adaptive, Schedule type: Karras', 'ddim', ['sampler DPM adaptive']],
])('A1111’s Sampler: %s', async (said, sampler, missing) => {
  const found = await recall(a1111(`Sampler: ${said}`))
  expect(found.form).toMatchObject({
    prompt: 'a red apple, (still life:1.2)',
    negative: 'blurry',
    steps: 28,
    cfg: 7,
    seed: 42,
    width: 512,
    height: 768,
  })
  expect([found.form.sampler, found.missing]).toEqual([sampler, missing])
})

test('pictures of an older Pigment have diffusers’ noise levels under A1111’s name', async () => {
  const older = await recall(a1111('Sampler: DPM++ 2M Karras, Version: Pigment'))
  const newer = await recall(a1111('Sampler: DPM++ 2M, Schedule type: Karras, Version: Pigment'))
  const diffusers = await recall(a1111('Sampler: DPM++ 2M (diffusers), Schedule type: Karras, Version: Pigment'))
  expect([older, newer, diffusers].map(({ form }) => form.sampler)).toEqual(['dpmpp-2m-karras', 'dpmpp-2m-karras-a1111', 'dpmpp-2m-karras'])
})

test('tags of a prompt become the stack; those that are not here are named, and what a stack cannot hold stays a tag', async () => {
  const prompt = 'a red apple <lora:INK:0.5:0.8:lbw=IN04=0,M00=-1>, <lora:gone:1> <lora:moss:0.5:9>'
  const { form, missing } = await recall(a1111('Sampler: Euler, Model: other, Lora hashes: "INK: 012345678901"', prompt))
  expect(form).toMatchObject({
    prompt: 'a red apple, <lora:moss:0.5:9>',
    stack: [inStack('ink', 0.8, { textWeight: 0.5, blocks: { IN04: 0, M00: -1 } })],
  })
  expect(missing).toEqual(['adapter gone', 'model other'])
  const others = await recall(a1111('Sampler: Euler', 'a <lora:INK:0.8:lbw=MYPRESET>'))
  expect(others).toMatchObject({ form: { stack: [inStack('ink', 0.8)] }, missing: ['setting lbw=MYPRESET'] })
  const steps = await recall(a1111('Sampler: Euler', 'a <lora:INK:0.8:lbw=INS:step=2-0.5:curve=linear>'))
  expect(steps).toMatchObject({ form: { stack: [inStack('ink', 0.8, { start: 2, stop: 0.5, curve: 'linear' })] }, missing: [] })
  const composed = await recall(a1111('Sampler: Euler, Adapter composition: switch, LoRA Switch steps: 3, Version: Pigment'))
  expect(composed).toMatchObject({ form: { composition: 'switch', compositionOptions: { switchEvery: 3 } }, missing: [] })
  const unread = await recall(a1111('Sampler: Euler', 'a <lora:INK:0.8:lbwe=E:start=9:stop=3:curve=bezier>'))
  expect(unread).toMatchObject({
    form: { stack: [inStack('ink', 0.8)] },
    missing: ['setting lbwe=E', 'setting start=9', 'setting stop=3', 'setting curve=bezier'],
  })
})

test('random numbers are those of the program, or what it says of them; variations and the delta of the steps are fields', async () => {
  const of = async (texts: Readonly<Record<string, unknown>>) => {
    const { form, missing } = await recall(texts)
    return [form.noiseSource, form.variationSeed, form.variationStrength, form.seedDelta, missing]
  }
  expect(await of(a1111('Sampler: Euler a'))).toEqual(['a1111-gpu', 1, 0, 0, []])
  expect(await of(a1111('Sampler: Euler a, RNG: CPU, Variation seed: 5, Variation seed strength: 0.25, ENSD: 31337'))).toEqual([
    ...['a1111-cpu', 5, 0.25, 31337],
    [],
  ])
  expect(await of(a1111('Sampler: Euler a, RNG: NV, Version: Pigment'))).toEqual(['a1111-gpu', 1, 0, 0, []])
  expect(await of(a1111('Sampler: Euler a, Version: Pigment'))).toEqual(['pigment', 1, 0, 0, []])
  expect(await of(a1111('Sampler: Euler a, RNG: dice'))).toEqual(['a1111-gpu', 1, 0, 0, ['setting RNG dice']])
})

test('what changes a picture and is not here is named', async () => {
  const odd = await recall(
    a1111(
      'Sampler: Euler, Clip skip: 2, Emphasis: No norm, Denoising strength: 0.5, Hires upscale: 2, Hires upscaler: ESRGAN 4x, VAE: x.pt, Refiner: y [123]',
    ),
  )
  expect(odd.missing).toEqual(['setting Hires upscaler ESRGAN 4x', 'setting VAE x.pt', 'setting Refiner y [123]'])
  expect(odd.form).toMatchObject({ clipSkip: 2, emphasis: 'a1111-no-norm', conditions: { hiresScale: 2, hiresStrength: 0.5 } })
  expect((await recall(a1111('Sampler: Euler, Denoising strength: 0.5'))).missing).toEqual(['setting Denoising strength 0.5'])
  expect((await recall(a1111('Sampler: Euler, Clip skip: 1, VAE: Automatic, Model: some-model.safetensors'))).missing).toEqual([])
})

test('what does not fit here is left to its default and named; of a size both sides or none', async () => {
  const { form, missing } = await recall({
    parameters: 'x\nSteps: 0, Sampler: Euler, CFG scale: 150, Seed: 18446744073709552000, Size: 512x99999, Guidance stop: , Emphasis: Loud',
  })
  expect(form).toMatchObject({ steps: 20, cfg: 5, seed: 0, guidanceStop: 1, emphasis: 'a1111' })
  expect([form.width, form.height]).toEqual([undefined, undefined])
  expect(missing).toEqual([
    'setting Emphasis Loud',
    'setting Steps 0',
    'setting CFG scale 150',
    'setting Seed 18446744073709552000',
    'setting Guidance stop ',
    'setting Size 512x99999',
  ])
  const long = await recall({ parameters: `${'x'.repeat(20_001)}\nSteps: 2, Sampler: Euler, Size: 512x512` })
  expect([long.form.prompt, long.missing]).toEqual(['', ['setting Prompt (20001)']])
})

test('an adapter that a tag and our weights call by two names is one; a picture of tags alone has no words', async () => {
  const parameters = '<lora:styles/ink.safetensors:0.5>\nSteps: 2, Sampler: Euler, Lora weights: "ink: 0.5, Moss: 1", Version: Pigment'
  const { form, missing } = await recall({ parameters })
  expect([form.prompt, form.stack, missing]).toEqual(['', [inStack('ink', 0.5), inStack('moss', 1)], []])
})

test('a form of ours keeps its stack; what has another id here is found by its name, but not what a tag brings', async () => {
  const recallOwn = async (prompt: string, stack: unknown[]) => {
    const { parameters } = a1111('Sampler: Euler, Lora weights: "ink: 0.5, gone: 1, moss: 0.25", Version: Pigment')
    const path = join(root, 'own.png')
    await writeFile(path, await encodePng({ width: 1, height: 1, data: new Uint8Array(3) }, [{ keyword: 'parameters', text: parameters }]))
    const own = generateForm.parse({ prompt, stack })
    const { form, missing } = recalledForm({ ...(await read({ path })), own }, library, models)
    return [form.prompt, form.stack, missing.map(({ name }) => name)]
  }
  const [tags, gone] = ['a <lora:ink:0.5><lora:gone:1><lora:moss:0.25>', { adapter: '0123456789abcdef' }]
  expect(await recallOwn(tags, [])).toEqual([tags, [], ['gone']])
  expect(await recallOwn('a', [inStack('ink', 0.5), gone, gone])).toEqual(['a', [inStack('ink', 0.5), inStack('moss', 0.25)], ['gone']])
  expect(await recallOwn('a <lora:ink:0.5>', [gone, gone])).toEqual(['a <lora:ink:0.5>', [inStack('moss', 0.25)], ['gone']])
})

test('of a model that is told by its hash alone the hash is named', async () => {
  expect((await recall(a1111('Sampler: Euler, Model hash: 6ce0161689'))).missing).toEqual(['model 6ce0161689'])
  expect((await recall(a1111('Sampler: Euler, Model hash: 6ce0161689, Model: some-model'))).missing).toEqual([])
})

test('ComfyUI and InvokeAI give prompt, sampler, seed, guidance and adapters', async () => {
  const prompt = {
    '3': {
      class_type: 'KSampler',
      inputs: {
        seed: 7,
        steps: 20,
        cfg: 8,
        sampler_name: 'dpmpp_2m',
        scheduler: 'karras',
        denoise: 1,
        model: ['10', 0],
        positive: ['6', 0],
        negative: ['7', 0],
        latent_image: ['5', 0],
      },
    },
    '4': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'some-model.safetensors' } },
    '5': { class_type: 'EmptyLatentImage', inputs: { width: 512, height: 512, batch_size: 1 } },
    '6': { class_type: 'CLIPTextEncode', inputs: { text: 'a red apple', clip: ['10', 1] } },
    '7': { class_type: 'CLIPTextEncode', inputs: { text: 'blurry', clip: ['10', 1] } },
    '10': {
      class_type: 'LoraLoader',
      inputs: { lora_name: 'ink.safetensors', strength_model: 0.5, strength_clip: 0.5, model: ['4', 0], clip: ['4', 1] },
    },
  }
  const comfy = await recall({ prompt, workflow: `{"nodes":["${'x'.repeat(1_200_000)}"]}` })
  expect(comfy.form).toMatchObject({
    prompt: 'a red apple',
    negative: 'blurry',
    seed: 7,
    steps: 20,
    cfg: 8,
    width: 512,
    sampler: 'dpmpp-2m-karras',
    emphasis: 'comfyui',
    model: 'm1',
    stack: [inStack('ink', 0.5)],
  })
  expect(comfy.missing).toEqual([])
  const invoke = await recall({
    invokeai_metadata: {
      positive_prompt: 'a red apple',
      negative_prompt: 'blurry',
      seed: 7,
      steps: 30,
      cfg_scale: 7.5,
      scheduler: 'euler',
      width: 512,
      height: 512,
      loras: [
        { model: { name: 'moss' }, weight: 0.75 },
        { model: { name: 'gone' }, weight: 1 },
      ],
      vae: { name: 'bright' },
      cfg_rescale_multiplier: 0.7,
      seamless_x: true,
      t2iAdapters: [{}],
    },
  })
  expect(invoke.form).toMatchObject({
    prompt: 'a red apple',
    negative: 'blurry',
    steps: 30,
    cfg: 7.5,
    sampler: 'euler',
    tiling: 'x',
    cfgRescale: 0.7,
    stack: [inStack('moss', 0.75)],
  })
  expect(invoke.missing).toEqual(['adapter gone', 'setting ControlNet', 'setting VAE bright'])
  const fooocus = await recall({
    parameters: { prompt: 'x', styles: "['Fooocus V2']", vae: 'Default (model)', refiner_model: 'None', version: 'Fooocus v2.5.5' },
  })
  expect(fooocus.missing).toEqual(["setting Styles ['Fooocus V2']"])
  const swarm = await recall({ parameters: { sui_image_params: { prompt: 'x', clipstopatlayer: -2, vae: 'None' } } })
  expect(swarm).toMatchObject({ form: { clipSkip: 2 }, missing: [] })
})

test('JSON of no kind that is known is told as such, beside nothing at all', async () => {
  const path = join(root, 'foreign.png')
  for (const [keyword, text, said] of [
    ['parameters', '{"a":1}', { program: 'JSON', unread: true, prompt: '' }],
    ['workflow', '{"nodes":[]}', { program: 'ComfyUI', unread: true, prompt: '' }],
    ['Software', 'Paint', { program: '', unread: false, text: '' }],
  ] as const) {
    await writeFile(path, await encodePng({ width: 1, height: 1, data: new Uint8Array(3) }, [{ keyword, text }]))
    expect(await read({ path })).toMatchObject(said)
  }
})

test('the VAE of a form of ours is named by its file; its path is not opened', async () => {
  const own = generateForm.parse({ prompt: 'a red apple', model: 'm1', vae: '/home/she/vae/ft-mse.safetensors' })
  const said = { program: 'Pigment', prompt: '', negative: '', settings: [], loras: [], text: '', form: null, own }
  const { form, missing } = recalledForm(said, library, models)
  expect([form.vae, form.model, missing]).toEqual([undefined, 'm1', [{ kind: 'setting', name: 'VAE ft-mse.safetensors' }]])
})

test('the picture that a form of ours began with is named by its file, and what does not fit by its words', () => {
  const conditions = { initImage: '/home/she/start.png', denoisingStrength: 3, initResize: 'crop', veil: 1 }
  const own = generateForm.parse({ prompt: 'a red apple', conditions })
  const said = { program: 'Pigment', prompt: '', negative: '', settings: [], loras: [], text: '', form: null, own }
  const { form, missing } = recalledForm(said, library, models)
  expect(form.conditions).toEqual({ initResize: 'crop' })
  expect(missing.map(({ name }) => name)).toEqual(['start.png', 'Denoising strength 3', 'veil 1'])
})

test('options of the sampler come from A1111’s line and from forms of ours; what does not fit is named', async () => {
  const said = async (line: string) => {
    const { form, missing } = await recall(a1111(line))
    return [form.sampler, form.samplerOptions, missing]
  }
  expect(await said('Sampler: Euler a, Eta: 0.67')).toEqual(['euler-ancestral', { eta: 0.67 }, []])
  expect(await said('Sampler: DDIM, Eta DDIM: 0.5')).toEqual(['ddim', { eta: 0.5 }, []])
  expect(await said('Sampler: DDIM, Eta DDIM: 7')).toEqual(['ddim', undefined, ['setting Eta DDIM 7']])
  expect(await said('Sampler: Euler, Eta: 0.5, Sigma churn: 3, Sigma noise: 1')).toEqual([
    'euler',
    { s_churn: 3, s_noise: 1 },
    ['setting Eta 0.5'],
  ])
  expect(await said('Sampler: Euler a')).toEqual(['euler-ancestral', undefined, []])
})

test('a schedule comes apart from its sampler, with its options, from every program; what does not fit is named', async () => {
  const from = async (texts: Readonly<Record<string, unknown>>) => {
    const { form, missing } = await recall(texts)
    return [form.sampler, form.schedule, form.scheduleOptions, missing]
  }
  const said = (line: string) => from(a1111(`Sampler: ${line}`))
  expect(await said('DPM++ SDE')).toEqual(['dpmpp-sde', 'uniform', undefined, []])
  expect(await said('DPM++ SDE Karras')).toEqual(['dpmpp-sde', undefined, undefined, []])
  expect(await said('Euler, Schedule type: SGM Uniform')).toEqual(['euler', 'sgm-uniform', undefined, []])
  expect(await said('Euler, Schedule type: Karras, Schedule rho: 5')).toEqual(['euler', 'karras', { rho: 5 }, []])
  expect(await said('DPM++ 2M, Schedule type: Karras, Schedule rho: 5')).toEqual(['dpmpp-2m-karras-a1111', 'karras', { rho: 5 }, []])
  expect(await said('Euler, Schedule type: Beta, Beta schedule alpha: 0.4, Beta schedule beta: 99')).toEqual([
    'euler',
    'beta',
    { betaAlpha: 0.4 },
    ['setting Beta schedule beta 99'],
  ])
  expect(await said('Euler, Schedule type: Simple, Schedule rho: 5')).toEqual(['euler', 'simple', undefined, ['setting Schedule rho 5']])
  expect(await said('Euler, Schedule type: Uniform, Schedule: uniform, Version: Pigment')).toEqual(['euler', 'uniform', undefined, []])
  const comfy = (sampler_name: string, scheduler: string) =>
    from({
      prompt: {
        1: { class_type: 'CLIPTextEncode', inputs: { text: 'a fox' } },
        2: { class_type: 'KSampler', inputs: { seed: 1, steps: 8, cfg: 7, sampler_name, scheduler, denoise: 1, positive: ['1', 0] } },
        3: { class_type: 'SaveImage', inputs: { images: ['2', 0] } },
      },
    })
  expect(await comfy('euler', 'beta')).toEqual(['euler', 'beta', { dialect: 'comfyui' }, []])
  expect(await comfy('euler', 'karras')).toEqual(['euler', 'karras', { dialect: 'comfyui' }, []])
  expect(await comfy('dpmpp_sde', 'karras')).toEqual(['dpmpp-sde', 'karras', { dialect: 'comfyui' }, []])
  expect(await comfy('dpmpp_2m', 'karras')).toEqual(['dpmpp-2m-karras', undefined, undefined, []])
  expect(await comfy('euler', 'gits')).toEqual(['euler', undefined, undefined, ['sampler gits']])
})

test('a schedule of a form of ours stays where it is here and fits; else it is named', async () => {
  const own = (form: Parameters<typeof generateForm.parse>[0]) => {
    const said = { program: 'Pigment', prompt: '', negative: '', settings: [], loras: [], text: '', form: null }
    const { form: found, missing } = recalledForm({ ...said, own: generateForm.parse(form) }, library, models)
    return [found.schedule, found.scheduleOptions, missing.map(({ name }) => name)]
  }
  const asked = { prompt: 'a', sampler: 'euler', scheduleOptions: { rho: 5 } }
  expect(own({ ...asked, schedule: 'karras' })).toEqual(['karras', { rho: 5 }, []])
  expect(own({ ...asked, schedule: 'wavy' })).toEqual([undefined, {}, ['wavy', 'rho 5']])
  expect(own({ ...asked, sampler: 'ddim', schedule: 'karras' })).toEqual([undefined, {}, ['karras', 'rho 5']])
})

test('textual inversions that are not here are told by name, those of the library are not', async () => {
  const hashes = 'Sampler: Euler a, TI hashes: "hands: 0123456789ab, easynegative: c74b4e810b03"'
  expect((await recall(a1111(hashes))).missing).toEqual(['embedding easynegative'])
  expect((await recall(a1111('Sampler: Euler a', 'a embedding:HANDS, (embedding:toy:1.2)'))).missing).toEqual(['embedding toy'])
  const form = generateForm.parse({ prompt: 'a fox, <hands>', stack: [] })
  const own = { ...a1111('Sampler: DDIM, TI hashes: "<hands>: 0123456789ab, gone: 0123456789ab"'), pigment: { form } }
  expect((await recall(own)).missing).toContain('embedding gone')
})

test('regions come back: boxes as they are, a mask by what it holds, and no path of a stranger', async () => {
  const hash = '0123456789abcdef01234567'
  const kept = [`/inputs/${hash}.png`]
  const line = `Lora weights: "ink: 0.5, moss: 1", Lora regions: "ink: 0,0,0.5,1; moss: mask ${hash}", Region feather: 4, Version: Pigment`
  const path = join(root, 'regions.png')
  const chunk = { keyword: 'parameters', text: a1111(`Sampler: Euler, ${line}`).parameters }
  await writeFile(path, await encodePng({ width: 1, height: 1, data: new Uint8Array(3) }, [chunk]))
  const recalled = async (given: object) => {
    const { form, missing } = recalledForm({ ...(await read({ path })), ...given }, library, models)
    return [form.stack?.map(({ region }) => region), missing.map(({ name }) => name)]
  }
  expect(await recalled({ kept })).toEqual([['0,0,0.5,1', kept[0]], []])
  expect(await recalled({})).toEqual([['0,0,0.5,1', undefined], [`Lora regions moss: mask ${hash}`]])
  const own = (region: string) => generateForm.parse({ prompt: 'a', stack: [inStack('moss', 1, { region })] })
  expect(await recalled({ own: own('/home/else/mask.png'), kept })).toEqual([[kept[0]], []])
  expect(await recalled({ own: own('/home/else/mask.png') })).toEqual([[undefined], [`Lora regions moss: mask ${hash}`]])
  expect(recalledForm(await read({ path }), library, models).form.regionFeather).toBe(4)
  const foreign = { ...(await read({ path })), loras: [], own: own('/etc/secret.png'), kept }
  expect(recalledForm(foreign, library, models).form.stack?.[0]?.region).toBeUndefined()
})
