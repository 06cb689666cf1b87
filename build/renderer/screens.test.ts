// Every screen, in every theme and in both languages: axe finds nothing, the page's policy is never tripped, nothing is asked for without end.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { drawingMissing, drawScreens } from './draw-screens.ts'

const folder = join(import.meta.dirname, '../..', 'work', 'screens')

// Low and narrow in both languages; of the merely narrow, English, whose words are longer.
for (const [width, height, languages] of [
  [640, 360, ['en', 'zh']],
  [640, 900, ['en']],
] as const)
  test(`at ${width} × ${height} nothing scrolls sideways and every control can be reached`, async (context) => {
    const missing = drawingMissing()
    if (missing) context.skip(missing)
    const themes = ['light'] as const
    expect(await drawScreens({ folder, themes, languages, size: { width, height } })).toEqual([])
  })

// Colours do not depend on the language: each further theme is drawn in one of them.
for (const [theme, languages] of [
  ['light', ['en', 'zh']],
  ['dark', ['en']],
  ['contrast', ['zh']],
] as const)
  test(`every screen is sound, ${theme}, ${languages.join(' and ')}`, async (context) => {
    const missing = drawingMissing()
    if (missing) context.skip(missing)
    expect(await drawScreens({ folder, themes: [theme], languages })).toEqual([])
  })
