// A picture of every sampler on every schedule that it takes, on the embedded model, as one sheet: node build/run.mjs build/eval/sampler-sheet.ts SHEET.png [steps] [cfg] [samplers] [schedules]
// (names with commas between; usual: all)
import { contactSheet } from '../../engine/images/contact-sheet.ts'
import { writePng } from '../../engine/images/write-png.ts'
import { samplers } from '../../engine/samplers/index.ts'
import { takesSchedule } from '../../engine/samplers/takes.ts'
import { schedules } from '../../engine/schedules/index.ts'
import { draw, openModel, settings } from './draw.ts'

const [file = 'work/samplers.png', steps = '20', cfg = String(settings.cfg), solvers = '', spacings = ''] = process.argv.slice(2)
const named = <T extends { readonly name: string }>(all: readonly T[], names: string): readonly T[] =>
  names === '' ? all : all.filter(({ name }) => names.split(',').includes(name))
const [rows, columns] = [named(samplers, solvers), named(schedules, spacings)]
const prompt = { text: 'a red apple', concept: 'apple', style: '' }
await using model = await openModel()
const cells = []
for (const sampler of rows) {
  const row = []
  for (const schedule of columns) {
    if (!takesSchedule(sampler, schedule)) {
      row.push(undefined)
      continue
    }
    const asked = { ...settings, sampler: sampler.name, schedule: schedule.name, steps: Number(steps), cfg: Number(cfg) }
    const [drawn] = await draw(model, [prompt], [], 7, asked)
    const side = Math.sqrt((drawn?.rgb.length ?? 0) / 3)
    row.push(drawn && { width: side, height: side, data: drawn.rgb })
  }
  cells.push(row)
  console.log(sampler.name)
}
const picture = await contactSheet(cells, {
  title: `${prompt.text}, ${steps} steps, guidance ${cfg}`,
  rows: rows.map(({ title }) => title),
  columns: columns.map(({ title }) => title),
})
await writePng(file, picture)
