// Every way of merging, side by side on one pair of adapters: what is left of each one's style and content when it is called from the merged file,
// how far the result is from the exact sum, its rank and its time.
// node build/run.mjs build/eval/merging.ts [--work DIR] [--method NAME …] [--sheet FILE.webp]: the two sample styles, trained as those of build/eval/clash.ts.
// … merging.ts FIRST SECOND --model PATH [--call WORDS --call WORDS]: one's own pair; without --call the words of the files themselves.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { moduleShapes, readAdapter } from '../../engine/adapter-formats/read.ts'
import { triggersOf } from '../../engine/adapters/triggers.ts'
import { mergeMethodNames } from '../../engine/requests/merge-names.ts'
import { sampleStyles } from '../../main/operations/demo-styles.ts'
import { styleScore } from '../../main/operations/style-score.ts'
import { mergeAdapters } from '../../main/operations/tools/merge-adapters.ts'
import { adapterFile, trainMissing } from './clash/adapters.ts'
import { lossOf, type Loss } from './clash/loss.ts'
import { clashSets } from './clash/styles.ts'
import { openModel } from './draw.ts'
import { calledPictures, concepts } from './merging/called-pictures.ts'
import { dataFolder } from './real-pictures.ts'
import { contactSheet } from './sheet.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    work: { type: 'string', default: join(dataFolder, '..', 'clash') },
    model: { type: 'string' },
    call: { type: 'string', multiple: true },
    /** These alone; else all. */
    method: { type: 'string', multiple: true },
    sheet: { type: 'string' },
  },
})
const samples = (clashSets.first ?? []).filter(({ name }) => sampleStyles.some((style) => style.name === name))
if (positionals.length === 0) await trainMissing(values.work, samples, console.log)
const paths = positionals.length === 0 ? samples.map((style) => adapterFile(values.work, style)) : positionals
if (paths.length !== 2) throw new Error(`The bench is of two adapters; there are ${paths.length}.`)

await using model = await openModel(values.model)
const shapes = moduleShapes(model.checkpoint)
const read = (file: string) => readAdapter(file, shapes)
const pair = (await Promise.all(paths.map(read))).map((adapter, i) => ({
  adapter,
  call: values.call?.[i] ?? (positionals.length === 0 ? `${samples[i]?.trigger} style` : triggersOf(adapter.metadata).join(' ')),
  /** What the classifier knows it by, of the sample styles alone. */
  judged: positionals.length === 0 ? sampleStyles.find(({ name }) => name === samples[i]?.name)?.judged : undefined,
}))
const drawn = (call: string, on: readonly (typeof pair)[number]['adapter'][]): Promise<readonly Uint8Array[]> =>
  calledPictures(model, call, on, values.model === undefined)

interface Row {
  readonly name: string
  /** Of each adapter when it is called. */
  readonly losses: readonly Loss[]
  readonly judged: readonly (number | undefined)[]
  readonly pictures: readonly (readonly Uint8Array[])[]
  readonly merged?: { readonly error: number; readonly rank: number; readonly seconds: number }
}
const bases: (readonly Uint8Array[])[] = []
const alone: (readonly Uint8Array[])[] = []
for (const { call, adapter } of pair) {
  bases.push(await drawn(call, []))
  alone.push(await drawn(call, [adapter]))
}
async function rowOf(name: string, on: (i: number) => readonly (typeof pair)[number]['adapter'][], merged?: Row['merged']): Promise<Row> {
  const pictures: (readonly Uint8Array[])[] = []
  for (const [i, { call }] of pair.entries()) pictures.push(await drawn(call, on(i)))
  const losses = pictures.map((set, i) => lossOf(alone[i] ?? [], set, bases[i] ?? []))
  const judged = pictures.map((set, i) => (pair[i]?.judged === undefined ? undefined : styleScore(set, pair[i].judged)))
  return { name, losses, judged, pictures, ...(merged ? { merged } : {}) }
}

const total = ({ losses }: Row): number => losses.reduce((sum, { style, content }) => sum + (style + content) / losses.length, 0)
const percent = (share: number | undefined): string => (share === undefined ? '' : `${(100 * share).toFixed(0)} %`)
function line(row: Row): string {
  const { name, losses, judged, merged } = row
  const found = losses.flatMap(({ style, content }, i) => [percent(judged[i]), style.toFixed(2), content.toFixed(2)])
  const told = merged ? [percent(merged.error), String(merged.rank), merged.seconds.toFixed(1)] : ['', '', '']
  return `| ${[name, ...found, total(row).toFixed(2), ...told].join(' | ')} |`
}

console.log(
  `${concepts.length} concepts each, every drawing from the same seeds; called as ${pair.map(({ call }) => `"${call}"`).join(' and ')}`,
)
console.log(
  '| method | judged 1 | style lost 1 | content lost 1 | judged 2 | style lost 2 | content lost 2 | lost | error | rank | seconds |',
)
const references = [
  await rowOf('alone', (i) => pair.slice(i, i + 1).map(({ adapter }) => adapter)),
  await rowOf('none', () => []),
  await rowOf('stack', () => pair.map(({ adapter }) => adapter)),
]
for (const row of references) console.log(line(row))

const folder = await mkdtemp(join(tmpdir(), 'pigment-merge-bench-'))
const rows: Row[] = []
try {
  for (const name of mergeMethodNames.filter((one) => values.method?.includes(one) ?? true)) {
    const out = join(folder, `${name}.safetensors`)
    const files = paths.map((file) => ({ file, weight: 1 }))
    const request = { files, model: values.model, method: name, seed: 1, precision: 'fp32', out } as const
    const began = performance.now()
    const report = await mergeAdapters(request, { signal: new AbortController().signal, emit: () => {}, onNotify: () => {} })
    const seconds = (performance.now() - began) / 1000
    const merged = await read(out)
    const row = await rowOf(name, () => [merged], { error: report.error, rank: report.largestRank, seconds })
    rows.push(row)
    console.log(line(row))
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}
const sorted = rows.toSorted((a, b) => total(a) - total(b))
console.log(`\nleast lost first\n${sorted.map(line).join('\n')}`)

if (values.sheet) {
  const shown = 3
  const cells = [...references, ...sorted].flatMap(({ name, pictures }) =>
    pictures.flatMap((set) => set.slice(0, shown).map((rgb) => ({ rgb, label: name }))),
  )
  await contactSheet(cells, shown * pair.length * 2, values.sheet)
}
