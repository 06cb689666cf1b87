// Where the runtime spends its time, by its own profile: `node build/run.mjs build/bench/profile.ts CASE [--cells 64] [--batch 1] [--threads 1]
// [--runs 2] [--top 12] [--weights FOLDER]`, CASE being one of build/bench/against-torch/cases.ts, of another size where one is given. Times of kernels are wall time;
// the first run is left out, and of the others the least time of each node counts.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { cases } from './against-torch/cases.ts'
import { prepare } from './against-torch/ours.ts'
import { writeWeights } from './against-torch/weights.ts'

interface Event {
  readonly cat: string
  readonly name: string
  readonly dur: number
  readonly ts: number
  readonly args: {
    readonly op_name?: string
    readonly input_type_shape?: readonly Readonly<Record<string, readonly number[]>>[]
    readonly output_type_shape?: readonly Readonly<Record<string, readonly number[]>>[]
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    cells: { type: 'string' },
    batch: { type: 'string' },
    threads: { type: 'string', default: '1' },
    runs: { type: 'string', default: '2' },
    top: { type: 'string', default: '12' },
    weights: { type: 'string' },
  },
})
const [name = ''] = positionals
const known = cases[name]
if (!known) throw new Error(`There is no case "${name}". There are: ${Object.keys(cases).join(', ')}.`)
const own = { ...known, ...(values.cells ? { cells: Number(values.cells) } : {}), ...(values.batch ? { batch: Number(values.batch) } : {}) }
const folder = mkdtempSync(join(tmpdir(), 'pigment-profile-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
const weights = values.weights ?? join(folder, 'weights')
mkdirSync(weights, { recursive: true })
const runs = Number(values.runs)
if (own.network !== 'embedded') await writeWeights(own.network, weights)
const made = await prepare(own, weights, { threads: Number(values.threads), profile: join(folder, 'profile') })
for (let i = 0; i <= runs; i++) await made.step()
await made.close()
const written = readdirSync(folder).filter((file) => file.startsWith('profile_'))
const events = written.flatMap((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Event[])
const begins = events
  .filter(({ name: event }) => event === 'model_run')
  .map(({ ts }) => ts)
  .toSorted((a, b) => a - b)
const measured = events.filter(({ cat, name: event, ts }) => cat === 'Node' && event.endsWith('_kernel_time') && ts >= (begins[1] ?? 0))
// Other work on the machine only adds to a time: of each node the least counts.
const least = new Map<string, Event>()
for (const event of measured) if (event.dur < (least.get(event.name)?.dur ?? Infinity)) least.set(event.name, event)
const kernels = [...least.values()]
const total = kernels.reduce((sum, { dur }) => sum + dur, 0)

const shapes = (all: Event['args']['input_type_shape']): string =>
  (all ?? []).map((shape) => Object.values(shape)[0]?.join('×') ?? '').join(' ')
function table(title: string, keyOf: (event: Event) => string, top: number): void {
  const sums = new Map<string, { time: number; count: number }>()
  for (const event of kernels) {
    const known = sums.get(keyOf(event)) ?? { time: 0, count: 0 }
    sums.set(keyOf(event), { time: known.time + event.dur, count: known.count + 1 })
  }
  console.log(`\n${title.padEnd(90)}${'ms'.padStart(10)}${'share'.padStart(8)}${'nodes'.padStart(8)}`)
  for (const [key, { time, count }] of [...sums].toSorted(([, a], [, b]) => b.time - a.time).slice(0, top))
    console.log(
      key.slice(0, 89).padEnd(90) +
        (time / 1000).toFixed(1).padStart(10) +
        `${((100 * time) / total).toFixed(1)} %`.padStart(8) +
        String(count).padStart(8),
    )
}
console.log(`${name}, ${JSON.stringify(values)}: ${(total / 1000).toFixed(0)} ms in kernels a run, ${kernels.length} nodes`)
table('operator', ({ args }) => args.op_name ?? '', 40)
table(
  'operator and shapes',
  ({ args }) => `${args.op_name} ${shapes(args.input_type_shape)} → ${shapes(args.output_type_shape)}`,
  Number(values.top),
)
