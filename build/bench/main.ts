// `npm run bench [-- NAME …]`: prints tables; nothing passes or fails. PIGMENT_THREADS sets the threads of the runtime,
// PIGMENT_BENCH_MORE the steps after the first where a step is long.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { arch, availableParallelism, platform, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { adapters } from './adapters.ts'
import type { Bench, Figures } from './bench.ts'
import { checkpointing } from './checkpointing.ts'
import { embedded } from './embedded.ts'
import { members } from './members.ts'
import { pages } from './pages.ts'
import { sd15 } from './sd15.ts'

const benches: Readonly<Record<string, Bench>> = { embedded, members, adapters, checkpointing, pages, sd15 }
/** Benches with tables of their own. */
const scripts: Readonly<Record<string, string>> = {
  'against-torch': 'against-torch/main.ts',
  captions: 'captions.ts',
  clash: 'clash.ts',
  cold: 'cold.ts',
  commits: 'commits.ts',
  growth: 'growth.ts',
  memory: 'memory.ts',
  methods: 'methods.ts',
  nf4: 'nf4.ts',
  opening: 'opening.ts',
  optimizers: 'optimizers.ts',
  stacks: 'stacks.ts',
  parallel: 'parallel.ts',
  studio: 'studio.ts',
}
const [flag, ...rest] = process.argv.slice(2)

// A case runs in a process of its own: `main.ts --case BENCH CASE FOLDER`.
if (flag === '--case') {
  const [bench = '', name = '', folder = ''] = rest
  const run = benches[bench]?.cases[name]
  if (!run) throw new Error(`There is no case "${name}" in the benchmark "${bench}"`)
  console.log(JSON.stringify(await run(folder)))
  process.exit(0)
}

const known = [...Object.keys(benches), ...Object.keys(scripts)]
// `commits A..B` names two commits; without names everything is measured that is about this tree alone.
const isRange = (word: string): boolean => word.includes('..')
const words = process.argv.slice(2).filter((word) => !isRange(word))
/** `against-torch --cases text --quick`: what follows the names goes to the scripts. */
const flags = words.slice(words.findIndex((word) => word.startsWith('--')) >>> 0)
const named = words.slice(0, words.length - flags.length)
const chosen = named.length > 0 ? named : known.filter((name) => !['commits', 'against-torch'].includes(name))
console.log(`${platform()} ${arch()}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}`)
for (const name of chosen) {
  const [bench, script] = [benches[name], scripts[name]]
  if (bench) await run(name, bench)
  else if (script) {
    console.log(`\n${name}`)
    spawnSync(process.execPath, [join(import.meta.dirname, script), ...process.argv.filter(isRange), ...flags], { stdio: 'inherit' })
  } else {
    console.error(`There is no benchmark "${name}". There are: ${known.join(', ')}.`)
    process.exitCode = 2
  }
}

async function run(name: string, { title, missing, prepare, cases, environments }: Bench): Promise<void> {
  console.log(`\n${name}: ${title}`)
  const reason = missing?.()
  if (reason) return console.log(`skipped: ${reason}`)
  const folder = mkdtempSync(join(tmpdir(), 'pigment-bench-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
  try {
    await prepare?.(folder)
    console.log(row(['', 'first step', 'a step', 'steps/s', 'ratio', 'peak', 'ratio']))
    let base: Figures | undefined
    for (const label of Object.keys(cases)) {
      const child = spawnSync(process.execPath, [import.meta.filename, '--case', name, label, folder], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, ...environments?.[label] },
      })
      if (child.status !== 0) {
        console.log(row([label, `stopped (${child.signal ?? child.status})`]))
        continue
      }
      const figures = JSON.parse(child.stdout.trim().split('\n').at(-1) ?? '') as Figures
      base ??= figures
      console.log(line(label, figures, base))
    }
  } finally {
    remove()
    process.off('exit', remove)
  }
}

function line(label: string, { first, step, peak }: Figures, base: Figures): string {
  const ratio = (value: number | undefined, by: number | undefined) => (value && by ? (value / by).toFixed(2) : '')
  const rate = step ? (step > 10_000 ? (1000 / step).toFixed(3) : (1000 / step).toFixed(1)) : ''
  return row([
    label,
    time(first),
    step ? time(step) : '',
    rate,
    ratio(step, base.step),
    `${Math.round(peak / 2 ** 20)} MB`,
    ratio(peak, base.peak),
  ])
}

function time(milliseconds: number): string {
  return milliseconds < 1000 ? `${milliseconds.toFixed(1)} ms` : `${(milliseconds / 1000).toFixed(1)} s`
}

function row([label = '', ...cells]: readonly string[]): string {
  return label.padEnd(44) + cells.map((cell) => cell.padStart(12)).join('')
}
