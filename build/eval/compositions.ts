// How adapters act together, looked at: two of them alone and composed by every rule, the same seeds, as one sheet.
// node build/run.mjs build/eval/compositions.ts SHEET.png SUBJECT.safetensors STYLE.safetensors [prompt …] (--model DIR for another than the embedded one)
import { parseArgs } from 'node:util'
import { moduleShapes, readAdapter } from '../../engine/adapter-formats/read.ts'
import type { Composing } from '../../engine/adapters/stack-course.ts'
import { compositions } from '../../engine/adapters/compositions/index.ts'
import { contactSheet } from '../../engine/images/contact-sheet.ts'
import type { Picture } from '../../engine/images/picture.ts'
import { writePng } from '../../engine/images/write-png.ts'
import { draw, openModel, stackedSettings } from './draw.ts'

const { values, positionals } = parseArgs({ allowPositionals: true, options: { model: { type: 'string' } } })
const [file = 'work/compositions.png', subject = '', style = '', ...asked] = positionals
const prompts = asked.length > 0 ? asked : ['a fish', 'a house', 'a flower', 'a cat']
await using model = await openModel(values.model)
const [first, second] = await Promise.all(
  [subject, style].map(async (path) => ({ adapter: await readAdapter(path, moduleShapes(model.checkpoint)), weight: 1, enabled: true })),
)
if (!first || !second) throw new Error('Name two adapters.')
const both = [first, second]
/** Of rules with a choice of their own, that too. */
const variants: readonly (Composing & { readonly title: string })[] = compositions.flatMap(({ name, title }) => [
  { title, composition: name as NonNullable<Composing['composition']> },
])
const wrapped = { title: 'K-LoRA, s*', composition: 'k-lora', compositionOptions: { kloraWrap: true, kloraBeta: 1.275 } } as const
const rows: { readonly title: string; readonly stack: typeof both; readonly composing: Composing }[] = [
  { title: first.adapter.name, stack: [first], composing: {} },
  { title: second.adapter.name, stack: [second], composing: {} },
  ...[...variants, wrapped].map(({ title, ...composing }) => ({ title, stack: both, composing })),
]
const cells: Picture[][] = []
for (const { title, stack, composing } of rows) {
  const began = process.cpuUsage()
  const said = prompts.map((text) => ({ text, concept: text, style: '' }))
  const drawn = await draw(model, said, stack, 7, { ...stackedSettings, ...composing })
  const { user, system } = process.cpuUsage(began)
  console.log(`${title.padEnd(20)} ${((user + system) / 1e6 / prompts.length).toFixed(2)} s of CPU time a picture`)
  cells.push(
    drawn.map(({ rgb }) => {
      const side = Math.sqrt(rgb.length / 3)
      return { width: side, height: side, data: rgb }
    }),
  )
}
await writePng(
  file,
  await contactSheet(cells, {
    title: `${first.adapter.name} and ${second.adapter.name}`,
    rows: rows.map(({ title }) => title),
    columns: prompts,
  }),
)
