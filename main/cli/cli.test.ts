// The command line as a process of its own: what a person or a script meets.
import { spawn } from 'node:child_process'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { moduleShapes, writeAdapter } from '../../engine/adapter-formats/read.ts'
import { openSafetensors, readTensor } from '../../engine/files/safetensors.ts'
import { readPngText } from '../../engine/images/png-text.ts'
import { openCheckpoint } from '../../engine/models/open-checkpoint.ts'
import { randomAdapter, workFolder, writeDataset, writeTinyModel } from '../commands/testing.ts'

const entry = fileURLToPath(new URL('main.ts', import.meta.url))
const patience = 180_000
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
}, patience)
afterAll(folder.remove)

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function pigment(args: readonly string[], onOutput?: (text: string, stop: () => void) => void): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, SOURCE_DATE_EPOCH: '1000', npm_lifecycle_event: 'test' }
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', entry, ...args], { cwd: set, env })
    let [out, err] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString()
      onOutput?.(out, () => child.kill('SIGINT'))
    })
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, out, err }))
  })
}

interface Line {
  readonly type: string
  readonly [field: string]: unknown
}

/** Every line of stdout as a record; throws where one is not. */
const records = (out: string): Line[] =>
  out === ''
    ? []
    : out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Line)

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
  '--out',
  out,
  ...more,
]

test.each(['train', 'generate', 'export', 'inspect', 'models', 'doctor'])(
  '%s --help',
  async (command) => {
    const { code, out, err } = await pigment([command, '--help'])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain(`Usage: pigment ${command}`)
    expect(out).toContain('--json')
  },
  patience,
)

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
])(
  '%s ends with %i and the record %s',
  async (_name, code, error, args) => {
    const ended = await pigment(['--json', ...args()])
    const last = records(ended.out).at(-1)
    expect({ code: ended.code, type: last?.type, error: last?.code }).toEqual({ code, type: 'error', error })
    expect(String(last?.message).length).toBeGreaterThan(20)
    expect(ended.err).not.toMatch(/^\s+at /m)
    expect((await readdir(folder.at('.'))).filter((name) => /^x\.|\.part$|\.tmp$/.test(name))).toEqual([])
  },
  patience,
)

test(
  'Ctrl-C leaves a checkpoint; the same command goes on to the same bytes and tidies up',
  async () => {
    const settings = ['--steps', '40', '--title', 'style', '--trigger', 'mossy']
    const whole = await pigment(train(folder.at('whole.safetensors'), settings))
    expect(whole.code).toBe(0)
    expect(records(whole.out).find(({ type }) => type === 'warning')).toMatchObject({ code: 'caption-missing' })
    expect(records(whole.out).at(-1)).toMatchObject({ type: 'result', result: { steps: 40, pictures: 2, leftOut: 1, trigger: 'mossy' } })

    const cut = await pigment(train(folder.at('cut-run', 'a.safetensors'), settings), (text, stop) => {
      if (text.includes('"type":"step"')) stop()
    })
    expect(cut.code).toBe(130)
    const error = records(cut.out).at(-1)
    expect(error).toMatchObject({
      type: 'error',
      code: 'cancelled',
      facts: { resume: expect.stringContaining('npm run -s pigment -- train') },
    })
    expect(await readdir(folder.at('cut-run'))).toEqual(['a.run'])

    const resumed = await pigment(train(folder.at('cut-run', 'a.safetensors'), settings))
    expect(resumed.code).toBe(0)
    expect(records(resumed.out).find(({ type }) => type === 'start')?.step).toBeGreaterThan(0)
    expect(await readdir(folder.at('cut-run'))).toEqual(['a.safetensors'])
    expect((await readFile(folder.at('cut-run', 'a.safetensors'))).equals(await readFile(folder.at('whole.safetensors')))).toBe(true)
    const { metadata } = await openSafetensors(folder.at('whole.safetensors'))
    expect(metadata.get('modelspec.trigger_phrase')).toBe('mossy')
    expect(metadata.get('ss_training_started_at')).toBe('1000')
    expect([...metadata.values()].join('\n')).not.toContain(folder.at('.'))
  },
  patience,
)

test(
  'generate: same request, same bytes; the picture tells its settings; noise and latents go through files',
  async () => {
    const common = ['generate', '--json', '--model', tiny, '--prompt', 'a cat', '--negative', 'dog', '--steps', '2', '--threads', '1']
    const size = ['--width', '64', '--height', '32']
    const [out, latents] = [folder.at('out', 'a.png'), folder.at('out', 'a.safetensors')]
    const first = await pigment([...common, ...size, '--lora', `${lora}=0.1`, '--out', out, '--latents-out', latents])
    expect(first.code).toBe(0)
    expect(records(first.out).map(({ type }) => type)).toEqual(['step', 'step', 'result'])
    const [text] = readPngText(await readFile(out), 'a.png')
    expect(text?.text).toMatch(
      /^a cat\nNegative prompt: dog\nSteps: 2, Sampler: DDIM, CFG scale: 5, Seed: 0, Size: 64x32, Model: tiny, Lora hashes: "style: [0-9a-f]{12}", Lora weights: "style: 0.1", Version: Pigment/,
    )
    await pigment([...common, ...size, '--lora', `${lora}=0.1`, '--out', folder.at('out', 'b.png')])
    expect((await readFile(out)).equals(await readFile(folder.at('out', 'b.png')))).toBe(true)

    const file = await openSafetensors(latents)
    expect((await readTensor(file, 'latents')).shape).toEqual([1, 4, 8, 16])
    const fromNoise = await pigment([...common, '--noise', latents, '--out', folder.at('out', 'c.png')])
    expect(records(fromNoise.out).at(-1)).toMatchObject({ result: { width: 64, height: 32 } })
    const wrong = await pigment([...common, '--width', '64', '--height', '64', '--noise', latents, '--out', folder.at('out', 'd.png')])
    expect([wrong.code, records(wrong.out).at(-1)?.code]).toEqual([3, 'noise-shape'])
  },
  patience,
)

test(
  'doctor and models answer as records',
  async () => {
    const doctor = records((await pigment(['doctor', '--json'])).out)
    expect(doctor).toMatchObject([
      {
        type: 'result',
        result: { node: process.version, providers: expect.arrayContaining([expect.objectContaining({ provider: 'cpu', passed: true })]) },
      },
    ])
    expect(records((await pigment(['models', '--json', '--folder', folder.at('.')])).out)).toMatchObject([
      { type: 'result', command: 'models' },
    ])
  },
  patience,
)
