// Settings shaped as those that people have, after the presets, guides and examples of both programs.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { recipeFields } from '../fields.ts'
import { importRecipe, type FoundRecipe } from '../import-recipe.ts'
import { readRecipe } from '../read-recipe.ts'
import { writeRecipe } from '../write-recipe.ts'

const file = (name: string) => ({ name, text: readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8') })
const imported = (...names: readonly string[]): Required<FoundRecipe> => importRecipe(names.map(file)) as Required<FoundRecipe>

/** Each with the options that no table knows: they are of other models, or misspelt. */
const recipes: readonly (readonly [files: string, unknown?: string])[] = [
  ['sd15-lora.sh'],
  ['sdxl-windows.bat'],
  ['prodigy.toml'],
  ['dreambooth-dataset.toml'],
  ['masked.toml masked-dataset.toml'],
  ['locon.toml'],
  ['lokr.sh'],
  ['dora.toml'],
  ['vpred.sh'],
  ['huber.toml'],
  ['blocks.sh'],
  ['defaults.sh'],
  ['dylora.toml'],
  ['flux.sh', 'clip_l t5xxl ae timestep_sampling guidance_scale'],
  ['onetrainer-sd15-lora.json'],
  ['onetrainer-masked.json onetrainer-concepts.json'],
  ['onetrainer-old.json'],
  ['onetrainer-loss.json'],
  ['onetrainer-saved.json'],
  ['onetrainer-flux.json'],
  ['onetrainer-embedding.json'],
  ['onetrainer-pivotal.json'],
  ['inversion.bat'],
]

test.each(recipes)('%s: every option is told once or more, and what became of it is a recipe', (files = '', unknown = '') => {
  const { values, report } = imported(...files.split(' '))
  expect(report.unknown.map(({ theirs }) => theirs).join(' ')).toBe(unknown)
  const told = [...report.mapped, ...report.differs, ...report.unknown, ...report.ignored].map(({ theirs }) => theirs.replace(/^.* /, ''))
  const words = files.split(' ').flatMap((name) => optionsIn(file(name).text))
  expect(words.filter((word) => !told.some((one) => one === word || one.endsWith(`.${word}`)))).toEqual([])
  // Nothing is mapped that a run would refuse to read.
  expect(readRecipe(writeRecipe(recipeFields, values), recipeFields, 'again.toml')).toEqual(values)
  for (const { ours, value } of report.mapped) expect([ours, value]).toEqual([expect.any(String), expect.anything()])
})

/** Names of options as they stand in a file, whatever it is: a rough look, to be held against the report. */
function optionsIn(text: string): string[] {
  const names =
    /^\s*[[{]/.test(text) && !text.includes('[[') && !/^\s*\w+ =/m.test(text)
      ? []
      : [...text.matchAll(/^\s*(\w+)\s*= /gm), ...text.matchAll(/ --(\w+)[ =]/g)]
  // What further folders say stands under their own names where there are sets.
  const shell = /^(num_repeats|flip_aug|is_reg|num_cpu_threads_per_process|network_args|optimizer_args|config_file|ROOT|MODEL)$/
  return [
    ...new Set(
      names
        .map(([, name = '']) => name)
        .filter((name) => !shell.test(name) && !(name === 'dataset_config' && text.includes('masked-dataset'))),
    ),
  ]
}

test('vectors of a word are learnt alone, and beside an adapter', () => {
  const alone = { unetRate: 0, trigger: 'mossy', triggerVectors: 4, triggerStart: 'ink drawing', triggerRate: 0.005 }
  const scripts = imported('inversion.bat')
  expect(scripts.values).toMatchObject({ ...alone, steps: 1600 })
  expect(scripts.values).not.toHaveProperty('textRate')
  expect(scripts.report.differs).toContainEqual(expect.objectContaining({ theirs: 'use_style_template' }))
  const five = { trigger: '<mossy>', triggerVectors: 5, triggerRate: 0.003, triggerNorm: true, textRate: 0 }
  expect(imported('onetrainer-embedding.json').values).toMatchObject({ ...alone, ...five })
  const pivotal = imported('onetrainer-pivotal.json')
  expect(pivotal.values).toMatchObject({ trigger: 'mossy', triggerVectors: 2, triggerStart: 'moss', triggerRate: 0.01, triggerSteps: 500 })
  expect(pivotal.values).not.toHaveProperty('unetRate')
  expect(pivotal.report.differs).toContainEqual(expect.objectContaining({ theirs: 'additional_embeddings', ours: 'trigger' }))
})

test('a command line: its defaults are those of sd-scripts, and each difference is told', () => {
  const { values, report } = imported('defaults.sh')
  expect(values).toEqual({
    ...{ model: 'm.safetensors', dataset: 'd', layers: 'transformer', rank: 4, alpha: 1, lr: 2e-6, textRate: 2e-6, steps: 1600 },
    ...{ course: 'constant', batch: 1, captionDropout: 0, optimizer: 'adamw', weightDecay: 0.01, seed: 0, maxGradNorm: 1 },
  })
  const byDefault = true
  expect(report).toEqual({
    program: 'sd-scripts',
    mapped: [
      { theirs: 'network_module', was: 'networks.lora', ours: 'layers', value: 'transformer' },
      { theirs: 'network_dim', was: 4, byDefault, ours: 'rank', value: 4 },
      { theirs: 'network_alpha', was: 1, byDefault, ours: 'alpha', value: 1 },
      { theirs: 'learning_rate', was: 2e-6, byDefault, ours: 'lr', value: 2e-6 },
      { theirs: 'lr_scheduler', was: 'constant', byDefault, ours: 'course', value: 'constant' },
      { theirs: 'max_train_steps', was: 1600, byDefault, ours: 'steps', value: 1600 },
      { theirs: 'caption_dropout_rate', was: 0, byDefault, ours: 'caption-dropout', value: 0 },
      { theirs: 'text_encoder_lr', was: null, byDefault, ours: 'text-rate', value: 2e-6 },
      { theirs: 'pretrained_model_name_or_path', was: 'm.safetensors', ours: 'model', value: 'm.safetensors' },
      { theirs: 'train_data_dir', was: 'd', ours: 'dataset', value: 'd' },
    ],
    differs: [
      {
        ...{ theirs: 'seed', was: null, byDefault, ours: 'seed', value: 0 },
        why: { code: 'import-seed', message: 'Without a seed each run is another there; here they are alike.', facts: {} },
      },
    ],
    unknown: [],
    ignored: [],
  })
})

test('LyCORIS: algorithm, convolutions and arguments', () => {
  const { values, report } = imported('locon.toml')
  expect(values).toMatchObject({
    layers: 'all',
    rank: 16,
    alpha: 8,
    convRank: 8,
    convAlpha: 4,
    dropout: 0.1,
    optimizer: 'lion',
    weightDecay: 0,
  })
  expect(report.differs).toEqual([])
  expect(report.ignored.map(({ theirs }) => theirs)).toEqual(['network_args algo', 'network_args preset', 'network_args train_norm'])
  expect(imported('dora.toml').values).toMatchObject({ variant: 'dora', layers: 'transformer' })
  expect(imported('lokr.sh').values).toMatchObject({ variant: 'lokr', variantOptions: { factor: 8 } })
})

test('optimizers with their arguments; lists by block; secrets are not told', () => {
  const { values, report } = imported('prodigy.toml')
  expect(values).toMatchObject({ optimizer: 'prodigy', lr: 1, weightDecay: 0.01, maxGradNorm: 1e9, course: 'cosine' })
  expect(values.optimizerOptions).toEqual({
    beta1: 0.9,
    beta2: 0.999,
    decouple: true,
    useBiasCorrection: false,
    safeguardWarmup: true,
    dCoef: 2,
  })
  expect(report.ignored).toContainEqual({ theirs: 'huggingface_token', was: '…' })
  expect(JSON.stringify(report)).not.toContain('hf_not_a_real_one')
  expect(imported('blocks.sh').values).toMatchObject({
    blockRanks: expect.stringMatching(/^IN00=2,.*M00=16,.*OUT11=2$/) as unknown,
    loraPlus: 4,
  })
  expect(imported('dylora.toml').values).toMatchObject({
    method: 'dylora',
    methodOptions: { unit: 4, scale: 'root' },
    textRate: 0.5,
    textRate2: 0.25,
  })
})

test('a data set of several folders: the first is the set, that of the class is kept apart', () => {
  const { values, report } = imported('dreambooth-dataset.toml')
  expect(values).toMatchObject({
    dataset: '/pictures/hoge',
    batch: 4,
    resolution: 512,
    preservation: 'pictures',
    classPictures: '/pictures/reg',
  })
  // What the first has is not that of the others unless they say so.
  expect(values.sets).toEqual([
    { folder: '/pictures/fuga', resolution: 512, shuffleCaption: true, keepTokens: 3, captionPolicy: 'folder-name' },
    { folder: '/pictures/large', resolution: 768, shuffleCaption: true, keepTokens: 1, captionPolicy: 'error', repeats: 3, flip: true },
  ])
  const folders = [...report.mapped, ...report.differs].filter(({ theirs }) => theirs.endsWith('image_dir')).map(({ was }) => was)
  expect(folders.toSorted()).toEqual(['/pictures/fuga', '/pictures/hoge', '/pictures/large', '/pictures/reg'])
})

test('courses with their options; what was once told as not here is', () => {
  expect(imported('sd15-lora.sh').values).toMatchObject({ course: 'cosine-restarts', courseOptions: { cycles: 3 }, warmup: 150 })
  expect(imported('huber.toml').values).toMatchObject({ course: 'polynomial', courseOptions: { power: 2 } })
  expect(imported('vpred.sh').values).toMatchObject({
    course: 'warmup-stable-decay',
    courseOptions: { decaySteps: 500 },
    zeroTerminalSnr: true,
  })
})

test('epochs are epochs here too; a share of them cannot be told in steps', () => {
  const bat = imported('sdxl-windows.bat')
  expect(bat.values).toMatchObject({ epochs: 10, warmup: 100 })
  expect(bat.values).not.toHaveProperty('steps')
  expect(imported('onetrainer-masked.json', 'onetrainer-concepts.json').values).toMatchObject({ epochs: 20 })
  const told = (words: string) =>
    importRecipe([{ name: 'a.sh', text: `accelerate launch train_network.py ${words} --lr_scheduler=cosine` }])
  expect(told('--max_train_epochs=4 --lr_warmup_steps=0.1').report?.differs).toContainEqual(
    expect.objectContaining({ theirs: 'lr_warmup_steps', why: expect.objectContaining({ code: 'import-epochs' }) as unknown }),
  )
  expect(told('--max_train_steps=400 --lr_warmup_steps=0.1').values).toMatchObject({ warmup: 40 })
})

test('losses, noises, timesteps and masks', () => {
  expect(imported('huber.toml').values).toMatchObject({
    ...{ loss: 'smooth-l1', lossOptions: { huberSchedule: 'exponential', huberC: 0.2, huberScale: 0.9 } },
    ...{ multiresNoiseIterations: 6, multiresNoiseDiscount: 0.3 },
  })
  expect(imported('vpred.sh').values).toMatchObject({
    ...{ prediction: 'v_prediction', zeroTerminalSnr: true, objective: 'epsilon', lossWeight: 'debiased', ipNoiseGamma: 0.05, warmup: 125 },
  })
  expect(imported('masked.toml', 'masked-dataset.toml').values).toMatchObject({ maskedLoss: 'alpha', captionDropout: 0.1, heldOut: 0.1 })
})

test('the layer of the text encoder counts from the end there, and in OneTrainer from the one that the model is read at', () => {
  expect(imported('sd15-lora.sh').values).toMatchObject({ clipSkip: 2 })
  expect(imported('prodigy.toml').values).not.toHaveProperty('clipSkip')
  const trained = (given: object) =>
    importRecipe([{ name: 'a.json', text: JSON.stringify({ ...JSON.parse(file('onetrainer-loss.json').text), ...given }) }])
  const skip = { text_encoder_layer_skip: 1, text_encoder_2_layer_skip: 1 }
  expect(trained({ ...skip, model_type: 'STABLE_DIFFUSION_15' }).values).toMatchObject({ clipSkip: 2 })
  expect(trained({ ...skip, model_type: 'STABLE_DIFFUSION_21' }).values).toMatchObject({ clipSkip: 3 })
  const apart = trained({ ...skip, text_encoder_2_layer_skip: 0, model_type: 'STABLE_DIFFUSION_XL_10_BASE' })
  expect(apart.values).toMatchObject({ clipSkip: 3 })
  expect(apart.report?.differs.map(({ why }) => why.code)).toContain('import-clip-skip')
})

test('configurations of OneTrainer, old ones as its migrations take them', () => {
  expect(imported('onetrainer-old.json').values).toMatchObject({
    ...{ optimizer: 'adamw-8bit', optimizerOptions: { beta1: 0.85 }, weightDecay: 0.02, unetRate: 2e-4, textRate: 5e-5 },
    ...{ lossWeight: 'min-snr', minSnrGamma: 5, keepEvery: 100, rank: 8, alpha: 8, recompute: true },
  })
  expect(imported('onetrainer-loss.json').values).toMatchObject({
    ...{ variant: 'lokr', rank: 24, variantOptions: { factor: 8 }, prediction: 'v_prediction', ema: 0.998, computePrecision: 'bf16' },
    ...{ timestepDraw: 'logit-normal', timestepDrawOptions: { logitDeviation: 2.2, logitMean: -0.3 } },
    ...{ loss: 'blend', lossOptions: { mse: 0.5, huberStrength: 0.5, huberDelta: 0.3 } },
  })
  const { values, report } = imported('onetrainer-masked.json', 'onetrainer-concepts.json')
  expect(values).toMatchObject({
    dataset: '/data/subject',
    variant: 'dora',
    optimizer: 'prodigy',
    lr: 1,
    textRate: 0,
    textRate2: 0,
    resolution: 1024,
  })
  expect(values).toMatchObject({ maskedLoss: 'sidecar', unmaskedProbability: 0.2, unmaskedWeight: 0.1, normalizeMaskedArea: true })
  expect(values).toMatchObject({ noiseOffset: 0.05, maxTimestep: 800, repeats: 5, sets: [{ folder: '/data/style', weight: 0.5 }] })
  expect(report.differs.map(({ why }) => why.code)).toEqual(expect.arrayContaining(['import-resolutions', 'import-prior', 'import-crop']))
})

test.each([
  ['a later version', 'a.json', '{"__version": 12, "training_method": "LORA"}', 'recipe-newer'],
  ['what is no JSON', 'a.json', '{"training_method": "LORA"', 'recipe-json'],
  ['another JSON', 'a.json', '{"a": 1}', 'recipe-unknown'],
  ['a script that trains nothing', 'a.sh', 'echo hello', 'recipe-unknown'],
  ['a broken TOML', 'a.toml', 'network_module = "networks.lora"\nnetwork_dim = ', 'recipe-syntax'],
])('%s is refused', (_what, name, text, code) => {
  expect(() => importRecipe([{ name, text }])).toThrow(expect.objectContaining({ code }) as Error)
})
