// The command line: what a person or a script meets. What a process of its own shows is shown in one, the rest in this.
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { moduleShapes, writeAdapter } from '../../engine/adapter-formats/read.ts'
import { openSafetensors, readBytes, readTensor, writeSafetensors } from '../../engine/files/safetensors.ts'
import { readPngText } from '../../engine/images/formats/png-text.ts'
import { openCheckpoint } from '../../engine/models/open-checkpoint.ts'
import { tinyModel, writeDiffusers, type Weights } from '../../engine/models/testing.ts'
import { randomAdapter, workFolder, writeDataset, writeTinyModel } from '../operations/testing.ts'
import { pigment as run, pigmentHere, records, type Surroundings } from './testing.ts'

const folder = await workFolder()
const [tiny, tinyXl, lora] = [folder.at('tiny'), folder.at('tiny-xl'), folder.at('style.safetensors')]
const set = folder.at('set')

beforeAll(async () => {
  await writeTinyModel(tiny, 'sd1')
  await writeTinyModel(tinyXl, 'sdxl')
  const options = { modules: moduleShapes(await openCheckpoint(tiny)), precision: 'fp32' as const }
  await writeAdapter(await randomAdapter(tiny, 'style'), 'kohya', lora, options)
  await writeDataset(set, ['moss', 'fern', 'reed'], ['reed'])
  await writeDataset(folder.at('silent'), ['a', 'b'], ['a', 'b'])
  await mkdir(folder.at('empty'))
  await writeFile(folder.at('zero.png'), '')
  const picture = await readFile(folder.at('set', 'moss.png'))
  await writeFile(folder.at('bad.png'), picture.subarray(0, picture.length / 2))
  await writeFile(folder.at('cut.safetensors'), (await readFile(lora)).subarray(0, 3000))
  await writeFile(folder.at('model.ckpt'), Buffer.from([0x80, 0x02, 0x7d]))
  await writeBadFiles()
})
afterAll(folder.remove)

/** One file for each way in which a checkpoint, an adapter or a picture can be wrong. */
async function writeBadFiles(): Promise<void> {
  const good = await readFile(lora)
  await writeFile(folder.at('long.safetensors'), Buffer.concat([good, Buffer.alloc(16)]))
  await writeFile(folder.at('overlap.safetensors'), overlapping())
  const { first, tensors } = await named(lora)
  const wider = { ...first, shape: [4, 999], data: Buffer.alloc(4 * 4 * 999) }
  await writeSafetensors(folder.at('misshapen.safetensors'), [wider, ...tensors.filter(({ name }) => name !== first.name)])
  await writeSafetensors(
    folder.at('halved.safetensors'),
    tensors.filter(({ name }) => name !== first.name.replace('lora_down', 'lora_up')),
  )
  const flux = { name: 'double_blocks.0.img_attn.qkv.weight', dtype: 'F32', shape: [1], data: new Uint8Array(4) }
  await writeSafetensors(folder.at('flux.safetensors'), [flux])

  const holed = tinyModel('sd1')
  const without = (weights: Weights, key: string): Weights => new Map([...weights].filter(([name]) => name !== key))
  const key = 'mid_block.resnets.0.conv1.weight'
  await writeDiffusers(folder.at('holed'), { ...holed, unet: { ...holed.unet, weights: without(holed.unet.weights, key) } })
  const reshaped = new Map(holed.unet.weights).set(key, { shape: [64, 64, 1, 1], data: new Float32Array(64 * 64) })
  await writeDiffusers(folder.at('reshaped'), { ...holed, unet: { ...holed.unet, weights: reshaped } })

  const bomb = Buffer.from(await readFile(folder.at('set', 'moss.png')))
  bomb.writeUInt32BE(20_000, 16)
  bomb.writeUInt32BE(20_000, 20)
  bomb.writeUInt32BE(crc32(bomb.subarray(12, 29)), 29)
  await writeFile(folder.at('bomb.png'), bomb)
  await writeFile(folder.at('page.png'), '<html>')
  // One good picture among bad ones.
  await writeDataset(folder.at('mixed'), ['moss'])
  for (const name of ['bomb', 'page', 'bad', 'zero']) {
    await copyFile(folder.at(`${name}.png`), folder.at('mixed', `${name}.png`))
    await writeFile(folder.at('mixed', `${name}.txt`), name)
  }
}

/** All tensors of a file, and the first `lora_down` among them. */
async function named(path: string) {
  const read = await openSafetensors(path)
  const tensors = await Promise.all(
    [...read.entries].map(async ([name, { shape }]) => ({ name, dtype: 'F32', shape, data: await readBytes(read, name) })),
  )
  const first = tensors.find(({ name }) => name.endsWith('.lora_down.weight'))
  if (!first) throw new Error(`no lora_down in ${path}`)
  return { first, tensors }
}

/** Two tensors in the same bytes. */
function overlapping(): Uint8Array {
  const entry = { dtype: 'F32', shape: [2], data_offsets: [0, 8] }
  const header = Buffer.from(JSON.stringify({ a: entry, b: entry }))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  return Buffer.concat([length, header, Buffer.alloc(8)])
}

const pigment = (args: readonly string[], onOutput?: Surroundings['onOutput']) => run(args, { cwd: set, onOutput })

const train = (out: string, more: readonly string[] = []): string[] => [
  'train',
  '--json',
  '--model',
  tiny,
  '--dataset',
  set,
  '--resolution',
  '64',
  '--rank',
  '2',
  '--threads',
  '1',
  // One picture of the set has no caption.
  '--bad-pictures',
  'leave-out',
  '--out',
  out,
  ...more,
]

test.each([
  ['train', pigment],
  ...['generate', 'export', 'inspect', 'models', 'doctor'].map((command) => [command, pigmentHere] as const),
] as const)('%s --help', async (command, start) => {
  const { code, out, err } = await start([command, '--help'])
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toContain(`Usage: pigment ${command}`)
  expect(out).toContain('--json')
})

/** A provider that this platform's runtime does not carry. */
const elsewhere = process.platform === 'win32' ? 'coreml' : 'dml'
const picture = (...more: string[]): string[] => [
  'generate',
  '--prompt',
  'x',
  '--out',
  folder.at('x.png'),
  ...(more.includes('--model') ? [] : ['--model', tiny]),
  ...more,
]

test.each<[name: string, code: number, error: string, args: () => string[]]>([
  ['a missing model', 3, 'file-not-found', () => ['generate', '--model', folder.at('none'), '--prompt', 'x', '--out', folder.at('x.png')]],
  [
    'a pickle as model',
    3,
    'pickle-refused',
    () => ['generate', '--model', folder.at('model.ckpt'), '--prompt', 'x', '--out', folder.at('x.png')],
  ],
  [
    'a truncated model',
    3,
    'safetensors-truncated',
    () => ['generate', '--model', folder.at('cut.safetensors'), '--prompt', 'x', '--out', folder.at('x.png')],
  ],
  ['a truncated adapter', 3, 'safetensors-truncated', () => ['inspect', folder.at('cut.safetensors')]],
  [
    'an adapter of another family',
    3,
    'adapter-family-mismatch',
    () => ['generate', '--model', tinyXl, '--lora', lora, '--prompt', 'x', '--out', folder.at('x.png')],
  ],
  ['an over-long adapter', 3, 'safetensors-trailing', () => ['inspect', folder.at('long.safetensors')]],
  ['overlapping tensors', 3, 'safetensors-overlap', () => picture('--lora', folder.at('overlap.safetensors'))],
  ['an over-long model', 3, 'safetensors-trailing', () => picture('--model', folder.at('long.safetensors'))],
  ['a model with overlapping tensors', 3, 'safetensors-overlap', () => picture('--model', folder.at('overlap.safetensors'))],
  ['a model of another family', 3, 'checkpoint-unsupported', () => picture('--model', folder.at('flux.safetensors'))],
  ['a model with a missing tensor', 3, 'checkpoint-incomplete', () => picture('--model', folder.at('holed'))],
  ['a model with a mis-shaped tensor', 3, 'checkpoint-incomplete', () => picture('--model', folder.at('reshaped'))],
  ['an adapter with a missing tensor', 3, 'adapter-broken', () => picture('--lora', folder.at('halved.safetensors'))],
  ['an adapter with a mis-shaped tensor', 3, 'adapter-family-mismatch', () => picture('--lora', folder.at('misshapen.safetensors'))],
  ['a huge picture', 3, 'picture-too-large', () => ['inspect', folder.at('bomb.png')]],
  ['a file that is no picture', 3, 'picture-format', () => ['inspect', folder.at('page.png')]],
  ['a device that is not here', 2, 'provider-unusable', () => ['--device', elsewhere, ...picture()]],
  [
    'an empty data set',
    3,
    'dataset-empty',
    () => ['train', '--model', tiny, '--dataset', folder.at('empty'), '--out', folder.at('x.safetensors')],
  ],
  [
    'a data set without captions',
    3,
    'dataset-unusable',
    () => ['train', '--model', tiny, '--dataset', folder.at('silent'), '--out', folder.at('x.safetensors')],
  ],
  [
    'a data set in which one picture has no caption',
    3,
    'dataset-problems',
    () => ['train', '--model', tiny, '--dataset', set, '--out', folder.at('x.safetensors')],
  ],
  ['a corrupt picture', 3, 'picture-corrupt', () => ['inspect', folder.at('bad.png')]],
  ['an empty picture', 3, 'picture-empty', () => ['inspect', folder.at('zero.png')]],
  [
    'an output below a file',
    4,
    'folder-missing',
    () => ['train', '--model', tiny, '--dataset', set, '--out', folder.at('zero.png', 'x.safetensors')],
  ],
  [
    'an output that cannot exist',
    4,
    'folder-missing',
    () => ['export', lora, '--model', tiny, '--to', 'peft', '--out', folder.at('zero.png', 'x')],
  ],
  [
    'a size between cells',
    2,
    'size-invalid',
    () => ['generate', '--model', tiny, '--width', '63', '--prompt', 'x', '--out', folder.at('x.png')],
  ],
  [
    'a loss that is no number',
    6,
    'loss-nan',
    () => train(folder.at('nan.safetensors'), ['--steps', '20', '--lr', '1e38', '--course', 'constant']),
  ],
])('%s ends with %i and the record %s', async (_name, code, error, args) => {
  const ended = await pigmentHere(['--json', ...args()])
  const last = records(ended.out).at(-1)
  expect({ code: ended.code, type: last?.type, error: last?.code }).toEqual({ code, type: 'error', error })
  expect(String(last?.message).length).toBeGreaterThan(20)
  expect(ended.err).not.toMatch(/^\s+at /m)
  expect((await readdir(folder.at('.'))).filter((name) => /^x\.|\.part$|\.tmp$/.test(name))).toEqual([])
})

test('bad pictures among good ones stop a run before it starts, each with its reason', async () => {
  const args = ['train', '--json', '--model', tiny, '--dataset', folder.at('mixed'), '--out', folder.at('x.safetensors')]
  const { code, out } = await pigmentHere(args)
  const last = records(out).at(-1) as { code?: string; facts?: { problems?: { path: string; code: string }[] } }
  expect({ code, error: last.code, problems: last.facts?.problems?.map((one) => [one.path, one.code]) }).toEqual({
    code: 3,
    error: 'dataset-problems',
    problems: [
      ['bad.png', 'picture-corrupt'],
      ['bomb.png', 'picture-too-large'],
      ['page.png', 'picture-format'],
      ['zero.png', 'picture-empty'],
    ],
  })
})

test('bad pictures among good ones are left out when that is asked for, and the rest is trained on', async () => {
  const args = [...train(folder.at('mixed.safetensors'), ['--steps', '1']), '--dataset', folder.at('mixed')]
  const { code, out } = await pigmentHere(args)
  // Beside those of the set as a whole.
  const warnings = records(out).filter(({ type, code }) => type === 'warning' && !String(code).startsWith('set-'))
  expect(warnings.map(({ code, facts }) => [(facts as { path: string }).path, code])).toEqual([
    ['bad.png', 'picture-corrupt'],
    ['bomb.png', 'picture-too-large'],
    ['page.png', 'picture-format'],
    ['zero.png', 'picture-empty'],
  ])
  expect(code).toBe(0)
  expect(records(out).at(-1)).toMatchObject({ type: 'result', result: { pictures: 1, leftOut: 4 } })
})

test('a loss that is no number tells which checkpoint is kept, and that none is where none was written', async () => {
  const diverge = async (name: string, every: string) => {
    const settings = ['--steps', '20', '--lr', '1e38', '--course', 'constant', '--checkpoint-every', every]
    const { out } = await pigmentHere(train(folder.at('diverged', `${name}.safetensors`), settings))
    return records(out).at(-1)
  }
  const kept = await diverge('kept', '1')
  const { checkpoint } = kept!.facts as { checkpoint: number }
  expect(checkpoint).toBeGreaterThan(0)
  expect(kept?.message).toContain(`the checkpoint of step ${checkpoint} is kept`)
  const none = await diverge('none', '0')
  expect(none).toMatchObject({ code: 'loss-nan', message: expect.stringContaining('no checkpoint'), facts: { checkpoint: 0 } })
  expect(await readdir(folder.at('diverged'))).toEqual(['kept.run'])
})

const readOnly = process.platform === 'linux' ? undefined : 'there is no /sys, where nobody may write'
test('an output where nobody may write ends with 4 before any work', async (context) => {
  if (readOnly) return context.skip(readOnly)
  for (const args of [picture('--out', '/sys/x.png'), train('/sys/x.safetensors', ['--steps', '1'])]) {
    const { code, out } = await pigmentHere(['--json', ...args])
    expect([code, records(out).map(({ type, code }) => [type, code])]).toEqual([4, [['error', 'not-writable']]])
  }
})

test('the device is told, also where it was chosen by the self-test', async () => {
  const { code, out } = await pigment(['--device', 'auto', '--json', ...picture('--steps', '1', '--width', '32', '--height', '32')])
  expect(code).toBe(0)
  expect(records(out).find(({ type }) => type === 'device')).toMatchObject({ device: expect.any(String), skipped: expect.any(Array) })
})

test('Ctrl-C leaves a checkpoint; the same command goes on to the same bytes and tidies up', async () => {
  const settings = ['--steps', '40', '--title', 'style', '--trigger', 'mossy']
  const whole = await pigment(train(folder.at('whole.safetensors'), settings))
  expect(whole.code).toBe(0)
  expect(records(whole.out).find(({ type }) => type === 'warning')).toMatchObject({ code: 'caption-missing' })
  expect(records(whole.out).at(-1)).toMatchObject({ type: 'result', result: { steps: 40, pictures: 2, leftOut: 1, trigger: 'mossy' } })

  let stopped = false
  const cut = await pigment(train(folder.at('cut-run', 'a.safetensors'), settings), (text, child) => {
    if (!stopped && text.includes('"type":"step"')) stopped = child.kill('SIGINT')
  })
  expect(cut.code).toBe(130)
  const error = records(cut.out).at(-1)
  expect(error).toMatchObject({
    type: 'error',
    code: 'cancelled',
    facts: { resume: expect.stringContaining('npm run -s pigment -- train') },
  })
  expect(await readdir(folder.at('cut-run'))).toEqual(['a.run'])

  const resumed = await pigmentHere(train(folder.at('cut-run', 'a.safetensors'), settings))
  expect(resumed.code).toBe(0)
  expect(records(resumed.out).find(({ type }) => type === 'start')?.step).toBeGreaterThan(0)
  expect(await readdir(folder.at('cut-run'))).toEqual(['a.safetensors'])
  expect((await readFile(folder.at('cut-run', 'a.safetensors'))).equals(await readFile(folder.at('whole.safetensors')))).toBe(true)
  const { metadata } = await openSafetensors(folder.at('whole.safetensors'))
  expect(metadata.get('modelspec.trigger_phrase')).toBe('mossy')
  expect(metadata.get('ss_training_started_at')).toBe('1000')
  expect([...metadata.values()].join('\n')).not.toContain(folder.at('.'))
})

test('generate: same request, same bytes; the picture tells its settings; noise and latents go through files', async () => {
  const common = ['generate', '--json', '--model', tiny, '--prompt', 'a cat', '--negative', 'dog', '--steps', '2', '--threads', '1']
  const size = ['--width', '64', '--height', '32']
  const [out, latents] = [folder.at('out', 'a.png'), folder.at('out', 'a.safetensors')]
  const adapted = [...common, ...size, '--lora', `${lora}=0.1`, '--adapter-guidance', '2.5', '--guidance-stop', '0.5']
  const first = await pigment([...adapted, '--out', out, '--latents-out', latents])
  expect(first.code).toBe(0)
  expect(records(first.out).map(({ type, code }) => code ?? type)).toEqual(['device', 'draw-size-far', 'step', 'step', 'result'])
  const [text] = readPngText(await readFile(out), 'a.png')
  expect(text?.text).toMatch(
    /^a cat <lora:style:0\.1>\nNegative prompt: dog\nSteps: 2, Sampler: DDIM, CFG scale: 5, Seed: 0, Size: 64x32, Model: tiny, Lora hashes: "style: [0-9a-f]{12}", Lora weights: "style: 0.1", Adapter guidance: 2.5, Guidance stop: 0.5, Version: Pigment/,
  )
  await pigmentHere([...adapted, '--out', folder.at('out', 'b.png')])
  expect((await readFile(out)).equals(await readFile(folder.at('out', 'b.png')))).toBe(true)

  const file = await openSafetensors(latents)
  expect((await readTensor(file, 'latents')).shape).toEqual([1, 4, 8, 16])
  const fromNoise = await pigmentHere([...common, '--noise', latents, '--out', folder.at('out', 'c.png')])
  expect(records(fromNoise.out).at(-1)).toMatchObject({ result: { width: 64, height: 32 } })
  const wrong = await pigmentHere([...common, '--width', '64', '--height', '64', '--noise', latents, '--out', folder.at('out', 'd.png')])
  expect([wrong.code, records(wrong.out).at(-1)?.code]).toEqual([3, 'noise-shape'])
})

test('doctor and models answer as records', async () => {
  const doctor = records((await pigment(['doctor', '--json'])).out)
  expect(doctor).toMatchObject([
    {
      type: 'result',
      result: { node: process.version, providers: expect.arrayContaining([expect.objectContaining({ provider: 'cpu', passed: true })]) },
    },
  ])
  expect(records((await pigmentHere(['models', '--json', '--given-only', '--folder', folder.at('.')])).out)).toMatchObject([
    { type: 'result', command: 'models' },
  ])
})
