// Does the clash report foretell what happens in pictures? Trains an adapter of each of seven styles on the embedded model, draws each one's pictures
// alone and beside each other one, and holds the predicted interference of the 21 pairs against the loss: node build/eval/clash.ts [--set first|second] [--work DIR] [--sheet PNG]
// Some 40 minutes on two quiet cores; whatever is in the folder already is kept.
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { clash } from '../../main/operations/tools/clash.ts'
import { adapterFile, trainMissing } from './clash/adapters.ts'
import { lossOf, type Loss } from './clash/loss.ts'
import { Painter } from './clash/pictures.ts'
import { chanceOf, spearman } from './clash/rank-correlation.ts'
import { clashSets, type ClashStyle } from './clash/styles.ts'
import { dataFolder } from './real-pictures.ts'
import { contactSheet } from './sheet.ts'

const { values } = parseArgs({
  options: {
    work: { type: 'string', default: join(dataFolder, '..', 'clash') },
    set: { type: 'string', default: 'first' },
    sheet: { type: 'string' },
  },
})
const clashStyles = clashSets[values.set]
if (!clashStyles) throw new Error(`There is no set "${values.set}"; there are ${Object.keys(clashSets).join(', ')}.`)
const work = values.work
await trainMissing(work, clashStyles, console.log)

const files = clashStyles.map((style) => ({ file: adapterFile(work, style), weight: 1, enabled: true }))
const report = await clash({ files }, { emit: () => {}, signal: new AbortController().signal })

await using painter = new Painter(work)
const loss = async (called: ClashStyle, other: ClashStyle): Promise<Loss> => {
  const base = await painter.draw({ called, on: [] })
  const alone = await painter.draw({ called, on: [called] })
  return lossOf(alone, await painter.draw({ called, on: [called, other] }), base)
}

interface Row {
  readonly pair: string
  readonly predicted: Readonly<Record<string, number>>
  /** In both directions. */
  readonly directed: readonly (readonly [interference: number, dominance: number, lost: number])[]
  readonly style: number
  readonly content: number
}
const rows: Row[] = []
for (const { first, second, ...figures } of report.pairs) {
  const [a, b] = [clashStyles[first] as ClashStyle, clashStyles[second] as ClashStyle]
  const [onFirst, onSecond] = [await loss(a, b), await loss(b, a)]
  const [own, theirs] = [report.adapters[first]?.norm ?? 0, report.adapters[second]?.norm ?? 0]
  rows.push({
    pair: `${a.name} + ${b.name}`,
    predicted: {
      interference: figures.interference,
      dominance: ((figures.dominanceOnFirst ?? 0) + (figures.dominanceOnSecond ?? 0)) / 2,
      cosine: figures.cosine,
      'overlap of inputs': figures.inputs,
      'overlap of outputs': figures.outputs,
      'norm of both': Math.hypot(own, theirs),
    },
    directed: [
      [figures.onFirst, figures.dominanceOnFirst ?? 0, onFirst.style + onFirst.content],
      [figures.onSecond, figures.dominanceOnSecond ?? 0, onSecond.style + onSecond.content],
    ],
    style: (onFirst.style + onSecond.style) / 2,
    content: (onFirst.content + onSecond.content) / 2,
  })
}

const lost = ({ style, content }: Row): number => style + content
console.log('\npair                           interference  dominance   lost: style   content       sum')
for (const row of rows.toSorted((x, y) => lost(y) - lost(x)))
  console.log(
    row.pair.padEnd(32) +
      [row.predicted.interference ?? 0, row.predicted.dominance ?? 0, row.style, row.content, lost(row)]
        .map((value) => value.toFixed(3).padStart(11))
        .join(''),
  )
const actual = rows.map(lost)
console.log(`\nrank correlation with the loss over ${rows.length} pairs (share of random orders that do as well)`)
for (const name of Object.keys(rows[0]?.predicted ?? {})) {
  const told = rows.map(({ predicted }) => predicted[name] ?? 0)
  console.log(`  ${name.padEnd(20)} ${spearman(told, actual).toFixed(2).padStart(6)}   (${chanceOf(told, actual).toFixed(4)})`)
}
const directed = rows.flatMap((row) => row.directed)
const came = directed.map(([, , found]) => found)
for (const [i, name] of (['interference', 'dominance'] as const).entries()) {
  const told = directed.map((one) => one[i] ?? 0)
  console.log(
    `  ${name}, by direction (${directed.length}) ${spearman(told, came).toFixed(2).padStart(6)}   (${chanceOf(told, came).toFixed(4)})`,
  )
}
const told0 = rows.map(({ predicted }) => predicted.interference ?? 0)
console.log(
  `  interference with the loss of style alone ${spearman(
    told0,
    rows.map(({ style }) => style),
  ).toFixed(2)}, of content alone ${spearman(
    told0,
    rows.map(({ content }) => content),
  ).toFixed(2)}`,
)

if (values.sheet) {
  const cells: { rgb: Uint8Array; label: string }[] = []
  for (const called of clashStyles)
    for (const other of clashStyles)
      for (const rgb of (await painter.draw({ called, on: called === other ? [called] : [called, other] })).slice(0, 2))
        cells.push({ rgb, label: called === other ? called.name : `+ ${other.name}` })
  await contactSheet(cells, clashStyles.length * 2, values.sheet)
}
