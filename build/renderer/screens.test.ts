// Every screen in every theme and language: no violation of accessibility rules, nothing refused by the content policy, no error in the console.
// The pictures stay in out/screens, to be looked at.
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { AxeResults } from 'axe-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { browserMissing, openStudio, type Studio } from './testing-studio.ts'

const missing = browserMissing()
const names = ['home', 'datasets', 'train', 'generate', 'adapters', 'models', 'jobs', 'settings']
const pictures = join(import.meta.dirname, '../../out/screens')
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
let studio: Studio
beforeAll(async () => {
  if (missing) return
  mkdirSync(pictures, { recursive: true })
  studio = await openStudio()
}, 180_000)
afterAll(() => studio?.close())
beforeEach((context) => {
  if (missing) context.skip(missing)
})

async function choose(theme: string, language: string): Promise<void> {
  const { page } = studio
  await page.evaluate(() => (location.hash = '#/settings'))
  const [languages, themes] = [page.locator('select').nth(0), page.locator('select').nth(1)]
  await languages.selectOption(language)
  await themes.selectOption(theme)
  await page.locator(`html[data-theme="${theme}"][lang^="${language}"]`).waitFor()
}

test.each(['light', 'dark', 'contrast'].flatMap((theme) => ['en', 'zh'].map((language) => [theme, language] as const)))(
  '%s, %s',
  { timeout: 240_000 },
  async (theme, language) => {
    const { page, complaints } = studio
    await choose(theme, language)
    const found: string[] = []
    for (const name of names) {
      await page.evaluate((hash) => (location.hash = hash), `#/${name}`)
      await page.locator(`nav a[href="#/${name}"][aria-current="page"]`).waitFor()
      await page.locator('h1').waitFor()
      await page.waitForLoadState('networkidle')
      await page.screenshot({ path: join(pictures, `${name}-${theme}-${language}.png`) })
      // Through the protocol of the debugger: the page's own policy would refuse the script.
      const results = (await page.evaluate(`(() => { const module = undefined; ${axe}; return axe.run(document) })()`)) as AxeResults
      for (const { id, nodes } of results.violations)
        found.push(`${name}: ${id} ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`)
    }
    expect(found).toEqual([])
    expect(complaints).toEqual([])
  },
)
