// The same prompts and seeds by several models, a row each, to look at: node build/eval/models-sheet.ts SHEET.png MODEL…
import { baseStyles } from '../pretrain/data/styles.ts'
import { draw, openModel } from './draw.ts'
import { chooseConcepts, promptsFor } from './measures.ts'
import { basePictures } from './real-pictures.ts'
import { contactSheet } from './sheet.ts'

const [sheet, ...paths] = process.argv.slice(2)
if (!sheet || paths.length === 0) throw new Error('node build/eval/models-sheet.ts SHEET.png MODEL…')
const across = 14
const styles = baseStyles.map(({ id }) => id)
const real = basePictures().filter(({ heldOut }) => !heldOut)
const prompts = promptsFor(chooseConcepts(real, styles, across, 100), 'twemoji')
const cells: { rgb: Uint8Array; label: string }[] = []
for (const path of paths) {
  await using model = await openModel(path)
  cells.push(...(await draw(model, prompts)).map(({ rgb, concept: label }) => ({ rgb, label })))
}
await contactSheet(cells, across, sheet)
