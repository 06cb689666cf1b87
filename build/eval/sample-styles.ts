// After training on a sample set: is the style there on concepts that no set shows, and is the concept still right?
// Drawn as the demo draws.
// node build/eval/sample-styles.ts black-ink=FILE comic-outline=FILE [--model DIR] [--count N] [--sheet PNG]
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { moduleShapes, readAdapter } from '../../engine/adapter-formats/read.ts'
import { promptOf, sampleStyles } from '../../main/operations/demo-styles.ts'
import { draw, openModel } from './draw.ts'
import { shareInStyle } from './measures.ts'
import { samplePictures } from './real-pictures.ts'
import { topOne } from './retrieval.ts'
import { contactSheet } from './sheet.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { model: { type: 'string' }, count: { type: 'string', default: '100' }, sheet: { type: 'string' } },
})
const heldOut = JSON.parse(readFileSync(new URL('../pretrain/held-out-concepts.json', import.meta.url), 'utf8')) as string[]
const every = Math.max(1, heldOut.length / Number(values.count))
const concepts = [...new Set(Array.from({ length: Number(values.count) }, (_, i) => heldOut[Math.floor(i * every)]))].filter(
  (concept) => concept !== undefined,
)
const real = (await samplePictures()).filter(({ concept }) => concepts.includes(concept))
await using model = await openModel(values.model)
const prompts = concepts.map((concept) => ({ text: promptOf(concept.toLowerCase()), concept, style: '' }))
const before = await draw(model, prompts)
const percent = (share: number): string => `${(100 * share).toFixed(0)} %`
const cells = before.slice(0, 16).map(({ rgb, concept }) => ({ rgb, label: concept }))
console.log(
  `${concepts.length} concepts that neither sample set shows (bars: style 15 % before, 80 % after; concept 70 % of the base's own)`,
)
for (const given of positionals) {
  const [name, file = ''] = given.split('=')
  const style = sampleStyles.find((one) => one.name === name)
  if (!style) throw new Error(`There is no sample set "${name}".`)
  const candidates = real.filter((picture) => picture.style === style.judged)
  const adapter = await readAdapter(file, moduleShapes(model.checkpoint))
  const after = await draw(
    model,
    prompts.map((prompt) => ({ ...prompt, text: promptOf(prompt.concept.toLowerCase(), [style]) })),
    [{ adapter, weight: 1, enabled: true }],
  )
  const [kept, own] = [topOne(after, candidates), topOne(before, candidates)]
  console.log(
    `  ${name}: style ${percent(shareInStyle(before, style.judged))} -> ${percent(shareInStyle(after, style.judged))}; ` +
      `concept ${percent(kept)} after, ${percent(own)} before: ${percent(kept / Math.max(own, 0.01))} of the base's own`,
  )
  cells.push(...after.slice(0, 16).map(({ rgb, concept }) => ({ rgb, label: concept })))
}
if (values.sheet) await contactSheet(cells, 16, values.sheet)
