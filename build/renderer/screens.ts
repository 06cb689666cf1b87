// `node build/run.mjs build/renderer/screens.ts [NAME …]`: draws the screens into work/screens and tells what is wrong with them. PIGMENT_SIZE=640x360.
import { join } from 'node:path'
import { buildPages } from '../start.ts'
import { drawingMissing, drawScreens } from './draw-screens.ts'

const sizeOf = (text: string): { width: number; height: number } => {
  const [width, height] = text.split('x').map(Number)
  return { width: width || 1440, height: height || 900 }
}
const missing = drawingMissing()
if (missing) console.log(`skipped: ${missing}`)
else {
  await buildPages()
  const folder = join(import.meta.dirname, '../..', 'work', 'screens')
  const names = process.argv.slice(2)
  const listed = <T extends string>(text: string | undefined, usual: readonly T[]): readonly T[] =>
    (text?.split(',') as T[] | undefined) ?? usual
  const size = sizeOf(process.env.PIGMENT_SIZE ?? '')
  const problems: string[] = []
  for (const language of listed(process.env.PIGMENT_LANGUAGES, ['en', 'zh'] as const))
    for (const theme of listed(process.env.PIGMENT_THEMES, ['light', 'dark'] as const)) {
      const only = names.length > 0 ? { only: new RegExp(`^(${names.join('|')})$`) } : {}
      problems.push(...(await drawScreens({ folder, language, looks: [{ theme, size, rules: 'all' }], ...only })))
    }
  for (const problem of problems) console.log(`✗ ${problem}`)
  console.log(problems.length === 0 ? 'Every screen is fine.' : `${problems.length} problems`)
  process.exitCode = problems.length > 0 ? 1 : 0
}
