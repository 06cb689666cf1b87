// Adapters and ways to draw with them, side by side, on concepts that neither a sample set nor the bars show: for choosing settings.
// node build/eval/choose-settings.ts comic-outline NAME@FILE[:WEIGHT][+FILE:WEIGHT…][@cfg=2,adapterGuidance=2,steps=16] … [--count 200] [--model DIR] [--sheet PNG]
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { moduleShapes, readAdapter } from '../../engine/adapter-formats/read.ts'
import type { StackEntry } from '../../engine/adapters/stack.ts'
import { promptOf, sampleStyles } from '../../main/operations/demo-styles.ts'
import { probabilityOfStyle } from '../../main/operations/style-score.ts'
import { draw, openModel, stackedSettings } from './draw.ts'
import { shareInStyle } from './measures.ts'
import { samplePictures } from './real-pictures.ts'
import { meanReciprocalRank, topOne } from './retrieval.ts'
import { contactSheet } from './sheet.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { model: { type: 'string' }, count: { type: 'string', default: '200' }, sheet: { type: 'string' } },
})
const [styleName, ...trials] = positionals
const style = sampleStyles.find(({ name }) => name === styleName)
if (!style) throw new Error(`There is no sample set "${styleName}".`)
const heldOut = JSON.parse(readFileSync(new URL('../pretrain/held-out-concepts.json', import.meta.url), 'utf8')) as string[]
// The same hundred as sample-styles.ts takes are left to it.
const barred = new Set(Array.from({ length: 100 }, (_, i) => heldOut[Math.floor((i * heldOut.length) / 100)]))
const concepts = heldOut.filter((concept) => !barred.has(concept)).slice(0, Number(values.count))
const candidates = (await samplePictures()).filter(({ concept, style: drawn }) => drawn === style.judged && concepts.includes(concept))
await using model = await openModel(values.model)
const prompts = (styles: readonly (typeof style)[]) =>
  concepts.map((concept) => ({ text: promptOf(concept.toLowerCase(), styles), concept, style: '' }))
const percent = (share: number): string => `${(100 * share).toFixed(0)} %`.padStart(5)
const base = await draw(model, prompts([]))
const own = { right: topOne(base, candidates), rank: meanReciprocalRank(base, candidates) }
const cells = base.slice(0, 16).map(({ rgb, concept }) => ({ rgb, label: concept }))
console.log(`${concepts.length} concepts; the base's own ${percent(own.right)}`)
for (const trial of trials) {
  const [name = '', files = '', options = ''] = trial.split('@')
  const stack: StackEntry[] = []
  for (const one of files.split('+')) {
    const [file = '', weight = '1'] = one.split(':')
    stack.push({ adapter: await readAdapter(file, moduleShapes(model.checkpoint)), weight: Number(weight), enabled: true })
  }
  const given = Object.fromEntries(
    options
      .split(',')
      .filter(Boolean)
      .map((pair) => pair.split('=') as [string, string])
      .map(([key, value]) => [key, Number(value)]),
  )
  const drawn = await draw(model, prompts([style]), stack, 1, { ...stackedSettings, ...given })
  const sure = drawn.reduce((sum, { rgb }) => sum + probabilityOfStyle(rgb, style.judged), 0) / drawn.length
  console.log(
    `${name.padEnd(36)} style ${percent(shareInStyle(drawn, style.judged))}, probability ${percent(sure)}; ` +
      `content kept ${percent(topOne(drawn, candidates) / own.right)}, by rank ${percent(meanReciprocalRank(drawn, candidates) / own.rank)}`,
  )
  cells.push(...drawn.slice(0, 16).map(({ rgb }) => ({ rgb, label: name })))
}
if (values.sheet) await contactSheet(cells, 16, values.sheet)
