// `node build/bench/cuda.ts [--provider cuda|cpu|…] [--only PART …] [--out FILE.json]`: whether a provider computes what the CPU
// does, and how fast it is. Parts: self-test, embedded, sd1-eps (parity), embedded, sd15 (speed). Prints tables; nothing passes or fails.
// build/reference/speed.py measures the same cases with PyTorch.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openCheckpoint } from '../../engine/models/open-checkpoint.ts'
import { sd1 } from '../../engine/models/families/sd1/family.ts'
import { isCarried } from '../../engine/runtime/self-test.ts'
import type { Provider } from '../../engine/runtime/session.ts'
import { embeddedPath } from '../../main/places/embedded.ts'
import type { Figures } from './bench.ts'
import { parityParts, type Failure, type Parity } from './provider-parity.ts'
import { writeRandomUnet } from './random-unet.ts'
import { forward, forwardOf, loraStep, loraStepOf } from './steps.ts'

interface SpeedCase {
  readonly part: string
  readonly run: (provider: Provider, folder: string, more: number | undefined) => Promise<Figures>
}

const sd15 = sd1.published.unet
const full = { batch: 1, cells: 64, tokens: 77 }
const small = { cells: 8, tokens: 32 }
const embedded = () => openCheckpoint(embeddedPath)

/** Steps after the first are few where one is long. */
const speedCases: Readonly<Record<string, SpeedCase>> = {
  'embedded UNet, forward, batch 2': {
    part: 'embedded',
    run: async (provider, _, more = 100) => forwardOf(await embedded(), { ...small, batch: 2 }, { more, session: { provider } }),
  },
  'embedded UNet, LoRA step of rank 16, batch 4': {
    part: 'embedded',
    run: async (provider, _, more = 60) =>
      loraStepOf(await embedded(), { ...small, batch: 4 }, { rank: 16, recompute: false, more, session: { provider } }),
  },
  'SD1.5 UNet at 512², forward, batch 1': {
    part: 'sd15',
    run: (provider, folder, more = 30) => forward(sd15, folder, full, { more, session: { provider } }),
  },
  'SD1.5 UNet at 512², LoRA step of rank 16, batch 1': {
    part: 'sd15',
    run: (provider, folder, more = 15) => loraStep(sd15, folder, full, { rank: 16, recompute: false, more, session: { provider } }),
  },
  'SD1.5 UNet at 512², LoRA step of rank 16, batch 1, recomputed': {
    part: 'sd15',
    run: (provider, folder, more = 15) => loraStep(sd15, folder, full, { rank: 16, recompute: true, more, session: { provider } }),
  },
}

/** The CUDA provider rounds products to TF32, and the Node binding cannot tell it otherwise; NVIDIA's libraries listen to this variable. */
const modes: Readonly<Record<string, NodeJS.ProcessEnv>> = { usual: {}, 'without TF32': { NVIDIA_TF32_OVERRIDE: '0' } }

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    provider: { type: 'string', default: 'cuda' },
    only: { type: 'string', multiple: true, default: ['self-test', 'embedded', 'sd1-eps', 'sd15'] },
    out: { type: 'string' },
    /** Seconds after which a case is stopped. */
    patience: { type: 'string', default: '180' },
    part: { type: 'string' },
    case: { type: 'string' },
  },
})
const provider = values.provider as Provider

// A part of the parity, or a case of the speed, runs in a process of its own: a driver may take it down.
if (values.part) {
  for await (const measure of parityParts[values.part]?.(provider) ?? []) console.log(JSON.stringify(measure))
  process.exit(0)
}
if (values.case) {
  const more = Number(process.env.PIGMENT_BENCH_MORE) || undefined
  const figures = await speedCases[values.case]?.run(provider, positionals[0] ?? '', more)
  console.log(JSON.stringify({ ...figures, ...(provider === 'cuda' ? { deviceMegabytes: usedOnDevice() } : {}) }))
  process.exit(0)
}

if (!isCarried(provider)) {
  console.error(`This build of the runtime does not carry "${provider}" on this platform.`)
  process.exit(2)
}
const began = performance.now()
const parity = await measureParity()
const speed = await measureSpeed()
const seconds = (performance.now() - began) / 1000
console.log(`\n${seconds.toFixed(0)} s in all`)
if (values.out) writeFileSync(values.out, JSON.stringify({ provider, node: process.version, seconds, parity, speed }, null, 1) + '\n')

/** All parts at once: nothing is timed. */
async function measureParity() {
  const parts = Object.keys(parityParts).filter((part) => values.only.includes(part))
  const runs = Object.entries(provider === 'cuda' ? modes : { usual: {} }).flatMap(([mode, environment]) =>
    parts.map(async (part) => ({ mode, part, ...(await child<Parity | Failure>(['--part', part], environment)) })),
  )
  console.log(`\nParity of ${provider} with the CPU: relative L2`)
  const all: object[] = []
  for (const { mode, part, lines, ended } of await Promise.all(runs)) {
    const measures = ended ? [...lines, { what: 'the process', failed: ended }] : lines
    console.log(`\n  ${part}, ${mode}`)
    for (const measure of measures) {
      if ('failed' in measure) console.log(`  ${measure.what}: FAILED: ${measure.failed}`)
      else console.log(row([`  ${measure.what}`, measure.error.toExponential(1), measure.error <= measure.bar ? 'ok' : `> ${measure.bar}`]))
      all.push({ part, mode, ...measure })
    }
  }
  return all
}

/** One after another, so that none disturbs another. */
async function measureSpeed() {
  const chosen = Object.entries(speedCases).filter(([, { part }]) => values.only.includes(part))
  const folder = mkdtempSync(join(tmpdir(), 'pigment-bench-'))
  const all: object[] = []
  try {
    if (values.only.includes('sd15')) await writeRandomUnet(sd15, folder)
    console.log(`\n${row([`Speed of ${provider}`, 'first step', 'a step', 'steps/s', 'peak', 'on device'])}`)
    for (const [name] of chosen) {
      const { lines, ended } = await child<DeviceFigures>(['--case', name, folder])
      const [figures] = lines
      if (!figures) console.log(`${name}: FAILED: ${ended}`)
      else console.log(line(name, figures))
      all.push({ name, ...(figures ? { ...figures, stepsPerSecond: 1000 / (figures.step ?? NaN) } : { failed: ended }) })
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return all
}

/** This program again, and the JSON lines that it printed. `ended` says how, if badly. */
function child<T>(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<{ lines: T[]; ended?: string }> {
  return new Promise((done) => {
    const started = spawn(process.execPath, [import.meta.filename, '--provider', provider, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
      timeout: 1000 * Number(values.patience),
      killSignal: 'SIGKILL',
    })
    let [output, complaint] = ['', '']
    started.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
    started.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text))
    started.on('close', (code, signal) => {
      const lines = output.split('\n').flatMap((text) => (text.startsWith('{') ? [JSON.parse(text) as T] : []))
      done(code === 0 ? { lines } : { lines, ended: `${signal ?? code} ${complaint.trim().slice(-2000)}` })
    })
  })
}

/** Memory of the device that is taken while the session is still open. The runtime's arena rounds up, so that it is more than what was needed. */
function usedOnDevice(): number | undefined {
  const { stdout } = spawnSync('nvidia-smi', ['--query-gpu=memory.used', '--format=csv,noheader,nounits'], { encoding: 'utf8' })
  return stdout ? Number.parseInt(stdout, 10) : undefined
}

interface DeviceFigures extends Figures {
  readonly deviceMegabytes?: number
}

function line(name: string, { first, step = NaN, peak, deviceMegabytes }: DeviceFigures): string {
  const rate = 1000 / step
  const cells = [
    `${(first / 1000).toFixed(1)} s`,
    `${step.toFixed(1)} ms`,
    rate.toFixed(rate < 10 ? 3 : 1),
    `${Math.round(peak / 2 ** 20)} MB`,
    deviceMegabytes ? `${deviceMegabytes} MB` : '',
  ]
  return row([name, ...cells])
}

function row([label = '', ...cells]: readonly string[]): string {
  return label.padEnd(118) + cells.map((cell) => cell.padStart(12)).join('')
}
