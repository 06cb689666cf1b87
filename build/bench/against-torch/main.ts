// The engine against PyTorch with diffusers, transformers and peft, and against OpenVINO, on the same random weights and inputs in one go:
// `npm run bench -- against-torch` or `node build/run.mjs build/bench/against-torch/main.ts [--cases NAME,…] [--quick] [--again] [--folder DIR]`.
// PIGMENT_TORCH_PYTHON and PIGMENT_OPENVINO_PYTHON are the interpreters of environments that have them (build/reference/README.md has the versions).
// Steps of both sides are taken in turn; medians of the ratios of pairs, by the clock and in CPU time. What is measured is kept in DIR/results.json,
// so that a run that was cut short goes on with the next case. PIGMENT_THREADS: of both sides, 2 by default.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { embeddedPath } from '../../../main/places/embedded.ts'
import { median } from '../bench.ts'
import { cases, type Case } from './cases.ts'
import { measuredInTurn, Side, type Measured, type Taken } from './side.ts'
import { theirCase } from './their-case.ts'
import { writeWeights } from './weights.ts'

const { values } = parseArgs({
  options: {
    cases: { type: 'string' },
    quick: { type: 'boolean', default: false },
    again: { type: 'boolean', default: false },
    folder: { type: 'string', default: join(tmpdir(), 'pigment-against-torch') },
  },
})
const { folder, quick, again } = values
mkdirSync(folder, { recursive: true })
const threads = Number(process.env.PIGMENT_THREADS ?? 2)
const pythons = { torch: process.env.PIGMENT_TORCH_PYTHON, openvino: process.env.PIGMENT_OPENVINO_PYTHON }
type Against = keyof typeof pythons

const chosen = values.cases?.split(',') ?? Object.keys(cases)
const unknown = chosen.filter((name) => !cases[name])
if (unknown.length > 0) throw new Error(`There is no case "${unknown.join('", "')}". There are: ${Object.keys(cases).join(', ')}.`)
for (const [side, python] of Object.entries(pythons))
  if (!python) console.log(`Nothing is measured against ${side}: PIGMENT_${side.toUpperCase()}_PYTHON names no interpreter that has it.`)

/** What is kept of a case. */
interface Result {
  readonly wall: readonly [ours: number, theirs: number, ratio: number]
  readonly cpu: readonly [ours: number, theirs: number, ratio: number]
  readonly first: readonly [ours: number, theirs: number, ratio: number]
  readonly peak: readonly [ours: number, theirs: number, ratio: number]
  /** |ours − theirs| / |theirs| of the first answer. */
  readonly apart?: number
}
const resultsPath = join(folder, 'results.json')
const results: Record<string, Result> = existsSync(resultsPath)
  ? (JSON.parse(readFileSync(resultsPath, 'utf8')) as Record<string, Result>)
  : {}

const cell = (text: string): string => text.padStart(11)
console.log(`${''.padEnd(32)}${['ours', 'theirs', 'ratio', 'bar', 'CPU ratio', 'first', 'peak', 'answers'].map(cell).join('')}`)
for (const name of chosen) {
  const own = cases[name] as Case
  for (const side of ['torch', 'openvino'] as const) {
    const python = pythons[side]
    const bar = side === 'torch' ? own.bar : own.openvino
    if (!python || bar === undefined) continue
    const key = `${name} : ${side}`
    try {
      if (again || !results[key]) results[key] = await compared(name, own, side, python)
      print(key, results[key], bar)
    } catch (error) {
      console.log(`${key.padEnd(32)} ${error instanceof Error ? error.message : String(error)}`)
    }
    writeFileSync(resultsPath, JSON.stringify(results, undefined, 1))
  }
}

async function compared(name: string, own: Case, side: Against, python: string): Promise<Result> {
  if (own.network !== 'embedded') await writeWeights(own.network, folder)
  const answers = [join(folder, 'answer-ours'), join(folder, `answer-${side}`)] as const
  const casePath = join(folder, 'case.json')
  writeFileSync(casePath, JSON.stringify(await theirCase(own, side, folder, { threads, answer: answers[1], embedded: embeddedPath })))
  const node = ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'serve.ts'), name, folder, answers[0]]
  // Large pages are asked for by the engine's own start; the others have what their users have.
  const { GLIBC_TUNABLES: _pages, ...theirs } = process.env
  const [ours, other] = await measuredInTurn(
    [
      () => new Side(process.execPath, node, { ...process.env, PIGMENT_THREADS: String(threads) }),
      () => new Side(python, [join(import.meta.dirname, 'theirs.py'), side, casePath], theirs),
    ],
    quick ? Math.max(1, Math.ceil(own.steps / 3)) : own.steps,
    own.large ?? false,
  )
  const apart = own.task !== 'picture' && own.task !== 'reweigh' ? distance(answers) : undefined
  return { ...result(ours, other), ...(apart === undefined ? {} : { apart }) }
}

function result(ours: Measured, theirs: Measured): Result {
  const of = (which: keyof Taken): readonly [number, number, number] => {
    const ratios = ours.steps.map((step, i) => step[which] / (theirs.steps[i]?.[which] ?? NaN))
    return [median(ours.steps.map((step) => step[which])), median(theirs.steps.map((step) => step[which])), median(ratios)]
  }
  const both = (a: number, b: number): readonly [number, number, number] => [a, b, a / b]
  return { wall: of('wall'), cpu: of('cpu'), first: both(ours.first.wall, theirs.first.wall), peak: both(ours.peak, theirs.peak) }
}

/** Relative L2 of two files of fp32. */
function distance([ours, theirs]: readonly [string, string]): number {
  const [a, b] = [ours, theirs].map((path) => new Float32Array(new Uint8Array(readFileSync(path)).buffer)) as [Float32Array, Float32Array]
  if (a.length !== b.length) return NaN
  let [difference, norm] = [0, 0]
  for (let i = 0; i < a.length; i++) {
    difference += ((a[i] ?? 0) - (b[i] ?? 0)) ** 2
    norm += (b[i] ?? 0) ** 2
  }
  return Math.sqrt(difference / norm)
}

function print(key: string, { wall, cpu, first, peak, apart }: Result, bar: number): void {
  const time = (ms: number): string => (ms < 1000 ? `${ms.toFixed(1)} ms` : `${(ms / 1000).toFixed(2)} s`)
  const cells = [
    time(wall[0]),
    time(wall[1]),
    wall[2].toFixed(3),
    bar.toFixed(2),
    cpu[2].toFixed(3),
    first[2].toFixed(2),
    `${Math.round(peak[0] / 2 ** 20)}/${Math.round(peak[1] / 2 ** 20)}`,
    apart === undefined ? '' : apart.toExponential(1),
  ]
  console.log(key.padEnd(32) + cells.map(cell).join(''))
}
