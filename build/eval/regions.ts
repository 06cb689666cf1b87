// Two styles in the halves of one picture: does each stay where its region is? Every concept is drawn by the model alone, under each adapter in its half,
// and under both. Told is how far pixels are from the picture of the model alone, inside and outside of the region.
// node build/run.mjs build/eval/regions.ts LEFT.safetensors RIGHT.safetensors [--out SHEET.png] [--words "a, b"] [--feather 0] [--guidance CFG/ADAPTERS]
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { readAdapter } from '../../engine/adapter-formats/read.ts'
import type { StackEntry } from '../../engine/adapters/stack.ts'
import { contactSheet } from '../../engine/images/contact-sheet.ts'
import type { Picture } from '../../engine/images/picture.ts'
import { writePng } from '../../engine/images/write-png.ts'
import { sheetConcepts } from '../../main/operations/demo-styles.ts'
import { draw, openModel, stackedSettings } from './draw.ts'
import type { Drawn } from './measures.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string', default: 'work/regions.png' },
    words: { type: 'string', default: 'blackink style, comicline style' },
    feather: { type: 'string', default: '0' },
    concepts: { type: 'string', default: '8' },
    guidance: { type: 'string', default: `${stackedSettings.cfg}/${stackedSettings.adapterGuidance}` },
  },
})
const [left = '', right = ''] = positionals
await using model = await openModel()
const stacked = async (file: string, region?: string): Promise<StackEntry> => ({
  adapter: await readAdapter(file, model.modules),
  weight: 1,
  enabled: true,
  ...(region === undefined ? {} : { region }),
})
const [words = '', others = ''] = values.words.split(',').map((one) => one.trim())
const [cfg, adapterGuidance] = values.guidance.split('/').map(Number)
const asked = { ...stackedSettings, cfg, adapterGuidance, regionFeather: Number(values.feather) }
const [first, second] = [await stacked(left), await stacked(right)]
const halves = ['0,0,0.5,1', '0.5,0,0.5,1']
/** As columns: words of the prompt, and the stack. */
const columns: readonly (readonly [title: string, words: string, stack: readonly StackEntry[]])[] = [
  ['alone', '', []],
  ['first', words, [first]],
  ['first, left', words, [{ ...first, region: halves[0] }]],
  ['second', others, [second]],
  ['second, right', others, [{ ...second, region: halves[1] }]],
  [
    'both halves',
    `${words}, ${others}`,
    [
      { ...first, region: halves[0] },
      { ...second, region: halves[1] },
    ],
  ],
]
const concepts = sheetConcepts.slice(0, Number(values.concepts))
const cells: Picture[][] = concepts.map(() => [])
const without: Record<string, Promise<Drawn[]>> = {}
const sums = columns.map(() => ({ left: 0, right: 0 }))
for (const [c, [title, said, stack]] of columns.entries()) {
  const drawn = await pictures(said, stack)
  // What the same words give without adapters: words alone move a picture as a whole.
  const plain = await (without[said] ??= pictures(said, []))
  for (const [n, { rgb }] of drawn.entries()) {
    const side = Math.sqrt(rgb.length / 3)
    cells[n]?.push({ width: side, height: side, data: rgb })
    const base = plain[n]?.rgb ?? rgb
    for (let i = 0; i < rgb.length; i++) {
      const half = Math.floor(i / 3) % side < side / 2 ? 'left' : 'right'
      const sum = sums[c]
      if (sum) sum[half] += Math.abs((rgb[i] ?? 0) - (base[i] ?? 0)) / (rgb.length / 2) / drawn.length
    }
  }
  console.log(`${title}: left ${sums[c]?.left.toFixed(2)}, right ${sums[c]?.right.toFixed(2)} of 255`)
}
await mkdir(dirname(values.out), { recursive: true })
const sheet = await contactSheet(cells, {
  title: 'Regions of adapters',
  subtitle: `${left.split('/').at(-1)} · ${right.split('/').at(-1)}`,
  columns: columns.map(([title]) => title),
  rows: concepts,
})
await writePng(values.out, sheet)

function pictures(said: string, stack: readonly StackEntry[]): Promise<Drawn[]> {
  const text = (concept: string): string => (said === '' ? concept : `${said} emoji of ${concept}`)
  return draw(
    model,
    concepts.map((concept) => ({ text: text(concept), concept, style: '' })),
    stack,
    1,
    asked,
  )
}
