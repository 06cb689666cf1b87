// SD 1.5 and SDXL on a card, fp16 and fp32, against PyTorch's SDPA on the same card: forward pass, LoRA step, guided picture of 20 steps; with peak memory
// and how far the answers are apart. One prepared script: `node build/run.mjs build/bench/card/main.ts [--out FOLDER] [--only sd15-lora-fp16,…]`.
// PIGMENT_TORCH_PYTHON is a Python with torch, diffusers and peft. Each side of a case is a process of its own and may fail by itself; what is measured
// is kept in FOLDER/card-DATE.json, so that a run that was cut short goes on. `--tiny --device cpu` tries the script where no card is.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { cudaEnvironment } from '../../../main/places/cuda-environment.ts'
import { dataFolder } from '../../../main/places/places.ts'
import { bars, shapes, type Case, type Precision, type ShapeName, type Task } from './cases.ts'
import { distance, type SideFigures } from './figures.ts'
import { prepareCase, told } from './their-case.ts'

const { values } = parseArgs({
  options: {
    device: { type: 'string', default: 'cuda' },
    tiny: { type: 'boolean', default: false },
    only: { type: 'string' },
    steps: { type: 'string', default: '10' },
    out: { type: 'string', default: join(tmpdir(), 'pigment-card') },
    /** Seconds after which one side of a case is ended. */
    patience: { type: 'string', default: '240' },
  },
})
const python = process.env.PIGMENT_TORCH_PYTHON
const folder = values.out
mkdirSync(folder, { recursive: true })
const date = new Date().toISOString().slice(0, 10)
const resultsPath = join(folder, `card-${date}.json`)

interface Result {
  readonly ours: SideFigures
  readonly theirs?: SideFigures
  /** Ours over theirs, of a step. */
  readonly ratio?: number
  readonly bar: number
  readonly apart?: number
}
interface Results {
  readonly date: string
  readonly machine: string
  readonly device: string
  readonly cases: Record<string, Result>
}
const results: Results = existsSync(resultsPath)
  ? (JSON.parse(readFileSync(resultsPath, 'utf8')) as Results)
  : { date, machine: machine(), device: values.device, cases: {} }

const names = (Object.keys(shapes) as ShapeName[]).filter((name) => name.startsWith('tiny-') === values.tiny)
// What is shortest first: a card may be lent for minutes only.
const planned = (['fp16', 'fp32'] as const).flatMap((precision) =>
  names.flatMap((shape) => (['forward', 'picture', 'lora'] as const).map((task) => ({ shape, task, precision }))),
)
console.log(`${results.machine}\n${row(['', 'ours', 'theirs', 'ratio', 'bar', 'first', 'card', 'apart'])}`)
if (!python) console.log('PyTorch is not measured: PIGMENT_TORCH_PYTHON names no interpreter that has it.')
for (const one of planned) {
  const name = `${one.shape}-${one.task}-${one.precision}`
  if (values.only && !values.only.split(',').includes(name)) continue
  results.cases[name] ??= await measured(one)
  writeFileSync(resultsPath, JSON.stringify(results, undefined, 1))
  print(name, results.cases[name])
}
console.log(resultsPath)

async function measured({ shape, task, precision }: { shape: ShapeName; task: Task; precision: Precision }): Promise<Result> {
  const own: Case = {
    shape,
    task,
    precision,
    device: values.device,
    steps: Number(values.steps),
    folder,
    answer: join(folder, 'answer-ours'),
  }
  await prepareCase(own)
  const ours = await side(process.execPath, [
    '--disable-warning=ExperimentalWarning',
    join(import.meta.dirname, 'run-case.ts'),
    JSON.stringify(own),
  ])
  const theirAnswer = join(folder, 'answer-theirs')
  const theirs = python
    ? await side(python, [
        join(import.meta.dirname, 'theirs.py'),
        told({ ...own, answer: theirAnswer, device: own.device === 'cpu' ? 'cpu' : 'cuda' }),
      ])
    : undefined
  const both = ours.failed === undefined && theirs !== undefined && theirs.failed === undefined
  const ratio = (ours.step ?? NaN) / (theirs?.step ?? NaN)
  return {
    ours,
    bar: bars[task],
    ...(theirs ? { theirs } : {}),
    ...(both && Number.isFinite(ratio) ? { ratio } : {}),
    ...(both ? { apart: distance(own.answer, theirAnswer) } : {}),
  }
}

/** One side: what it printed, or how it ended; and the most memory that the card had taken meanwhile. */
function side(program: string, args: readonly string[]): Promise<SideFigures> {
  const before = cardMemory() ?? 0
  let card = 0
  const watch = setInterval(() => (card = Math.max(card, (cardMemory() ?? 0) - before)), 250)
  return new Promise((done) => {
    const child = spawn(program, [...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...cudaEnvironment(dataFolder()) },
      timeout: 1000 * Number(values.patience),
      killSignal: 'SIGKILL',
    })
    let [out, complaint] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text))
    child.on('error', ({ message }) => (complaint += message))
    child.on('close', (code, signal) => {
      clearInterval(watch)
      const line = out.split('\n').findLast((text) => text.startsWith('{'))
      const figures =
        code === 0 && line ? (JSON.parse(line) as SideFigures) : { failed: `${signal ?? code}: ${complaint.trim().slice(-1000)}` }
      done({ ...figures, ...(card > 0 ? { card } : {}) })
    })
  })
}

/** Bytes. */
function cardMemory(): number | undefined {
  if (values.device !== 'cuda') return undefined
  const { stdout } = spawnSync('nvidia-smi', ['--query-gpu=memory.used', '--format=csv,noheader,nounits'], { encoding: 'utf8' })
  return stdout ? Number.parseInt(stdout, 10) * 2 ** 20 : undefined
}

function machine(): string {
  const { stdout } = spawnSync('nvidia-smi', ['--query-gpu=name,driver_version,memory.total', '--format=csv,noheader'], {
    encoding: 'utf8',
  })
  return `${stdout?.trim() || 'no NVIDIA card'}; Node ${process.version}`
}

function print(name: string, { ours, theirs, ratio, bar, apart }: Result): void {
  for (const [whose, { failed } = {}] of Object.entries({ ours, theirs })) if (failed) console.log(`${name}, ${whose}: FAILED ${failed}`)
  const time = (of: SideFigures | undefined): string => (of?.step === undefined ? '' : `${of.step.toFixed(1)} ms`)
  const gigabytes = (of: SideFigures | undefined): string => ((of?.card ?? 0) / 2 ** 30).toFixed(1)
  const met = ratio === undefined ? '' : `${ratio.toFixed(2)}${ratio <= bar ? '' : ' !'}`
  const first = `${((ours.first ?? NaN) / 1000).toFixed(1)}/${((theirs?.first ?? NaN) / 1000).toFixed(1)} s`
  console.log(
    row([
      name,
      time(ours),
      time(theirs),
      met,
      bar.toFixed(1),
      first,
      `${gigabytes(ours)}/${gigabytes(theirs)} GB`,
      apart?.toExponential(1) ?? '',
    ]),
  )
}

function row([label = '', ...cells]: readonly string[]): string {
  return label.padEnd(26) + cells.map((cell) => cell.padStart(14)).join('')
}
