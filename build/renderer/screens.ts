// `node build/run.mjs build/renderer/screens.ts [NAME …]`: draws the screens into work/screens and tells what is wrong with them. PIGMENT_SIZE=640x360.
import { join } from 'node:path'
import { buildPages } from '../start.ts'
import { drawingMissing, drawScreens } from './draw-screens.ts'

const sizeOf = (text: string): { width: number; height: number } => {
  const [width = 1440, height = 900] = text.split('x').map(Number)
  return { width, height }
}
const missing = drawingMissing()
if (missing) console.log(`skipped: ${missing}`)
else {
  await buildPages()
  const folder = join(import.meta.dirname, '../..', 'work', 'screens')
  const names = process.argv.slice(2)
  const problems = await drawScreens({
    folder,
    themes: (process.env.PIGMENT_THEMES?.split(',') as ('light' | 'dark')[] | undefined) ?? ['light', 'dark'],
    languages: (process.env.PIGMENT_LANGUAGES?.split(',') as ('en' | 'zh')[] | undefined) ?? ['en', 'zh'],
    ...(process.env.PIGMENT_SIZE ? { size: sizeOf(process.env.PIGMENT_SIZE) } : {}),
    ...(names.length > 0 ? { only: new RegExp(`^(${names.join('|')})$`) } : {}),
  })
  for (const problem of problems) console.log(`✗ ${problem}`)
  console.log(problems.length === 0 ? 'Every screen is fine.' : `${problems.length} problems`)
  process.exitCode = problems.length > 0 ? 1 : 0
}
