// The base model's bars: the right concept and the right style, by base style. node build/eval/base.ts [concepts] [model] [sheet.png]
import { baseStyles } from '../pretrain/data/styles.ts'
import { draw, openModel } from './draw.ts'
import { chooseConcepts, measureStyle, promptsFor } from './measures.ts'
import { basePictures } from './real-pictures.ts'
import { contactSheet } from './sheet.ts'

const count = Number(process.argv[2] ?? 100)
const real = basePictures().filter(({ heldOut }) => !heldOut)
const styles = baseStyles.map(({ id }) => id)
const concepts = chooseConcepts(real, styles, count, 100)
await using model = await openModel(process.argv[3])
const percent = (share: number): string => `${(100 * share).toFixed(0)} %`.padStart(6)
const cells: { rgb: Uint8Array; label: string }[] = []
const sums = { concept: 0, style: 0 }
console.log(`base: ${concepts.length} training concepts, 100 candidates a style (bars: concept 60 %, style 80 %)`)
for (const style of styles) {
  const drawn = await draw(model, promptsFor(concepts, style))
  const { concept, style: named } = measureStyle(drawn, real)
  sums.concept += concept / styles.length
  sums.style += named / styles.length
  console.log(`  ${style.padEnd(12)} concept ${percent(concept)}  style ${percent(named)}`)
  cells.push(...drawn.slice(0, 16).map(({ rgb, concept: label }) => ({ rgb, label })))
}
console.log(`  ${'all'.padEnd(12)} concept ${percent(sums.concept)}  style ${percent(sums.style)}`)
if (process.argv[4]) await contactSheet(cells, 16, process.argv[4])
