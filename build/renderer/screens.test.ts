// Every screen, in every theme and in both languages: axe finds nothing, the page's policy is never tripped, nothing is asked for without end, and where
// the window is small nothing scrolls sideways and every control can be reached.
import { expect, test } from 'vitest'
import { drawingMissing, drawScreens, type Look } from './draw-screens.ts'

const wide = { width: 1440, height: 900 }
/** Colours do not depend on the language, nor names on the theme: each further theme is looked at in one language, and held to the rules of colours. */
const looks: Readonly<Record<'en' | 'zh', readonly [Look, ...Look[]]>> = {
  en: [
    { theme: 'light', size: wide, rules: 'all' },
    { theme: 'dark', size: wide, rules: 'colours' },
    { theme: 'light', size: { width: 640, height: 900 }, rules: 'layout' },
    { theme: 'light', size: { width: 640, height: 360 }, rules: 'all' },
  ],
  zh: [
    { theme: 'light', size: wide, rules: 'structure' },
    { theme: 'contrast', size: wide, rules: 'colours' },
    { theme: 'light', size: { width: 640, height: 360 }, rules: 'layout' },
  ],
}
for (const language of ['en', 'zh'] as const)
  test(`every screen is sound, ${language}`, async (context) => {
    const missing = drawingMissing()
    if (missing) context.skip(missing)
    expect(await drawScreens({ language, looks: looks[language] })).toEqual([])
  })
