// Every screen, in every theme and in both languages: axe finds nothing, the page's policy is never tripped, nothing is asked for without end.
import { expect, test } from 'vitest'
import { drawingMissing, drawScreens } from './draw-screens.ts'

// Low and narrow in both languages; of the merely narrow, English, whose words are longer.
for (const [width, height, language, rules] of [
  [640, 360, 'en', 'all'],
  [640, 360, 'zh', 'layout'],
  [640, 900, 'en', 'layout'],
] as const)
  test(`at ${width} × ${height} nothing scrolls sideways and every control can be reached, ${language}`, async (context) => {
    const missing = drawingMissing()
    if (missing) context.skip(missing)
    expect(await drawScreens({ themes: ['light'], languages: [language], rules, size: { width, height } })).toEqual([])
  })

// Colours do not depend on the language, nor names on the theme: each further theme is drawn in one language, and held to the rules of colours.
for (const [theme, language, rules] of [
  ['light', 'en', 'all'],
  ['light', 'zh', 'structure'],
  ['dark', 'en', 'colours'],
  ['contrast', 'zh', 'colours'],
] as const)
  test(`every screen is sound, ${theme}, ${language}`, async (context) => {
    const missing = drawingMissing()
    if (missing) context.skip(missing)
    expect(await drawScreens({ themes: [theme], languages: [language], rules })).toEqual([])
  })
