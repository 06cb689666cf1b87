// Every screen, in every theme and both languages: axe finds nothing, the page's policy is never tripped, nothing is asked for without end.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { drawingMissing, drawScreens } from './draw-screens.ts'

const folder = join(import.meta.dirname, '../..', 'work', 'screens')

for (const [width, height] of [
  [640, 360],
  [640, 900],
] as const)
  test(`at ${width} × ${height} nothing scrolls sideways and every control can be reached`, async (context) => {
    const missing = drawingMissing()
    if (missing) context.skip(missing)
    const themes = ['light'] as const
    expect(await drawScreens({ folder, themes, languages: ['en', 'zh'], size: { width, height } })).toEqual([])
  })

for (const theme of ['light', 'dark', 'contrast'] as const)
  test(`every screen is sound in English and in Chinese, ${theme}`, async (context) => {
    const missing = drawingMissing()
    if (missing) context.skip(missing)
    expect(await drawScreens({ folder, themes: [theme], languages: ['en', 'zh'] })).toEqual([])
  })
