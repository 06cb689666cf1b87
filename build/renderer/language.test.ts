// Language and theme: switched live, whole on every screen, and still so after a reload.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { en } from '../../renderer/words/en.ts'
import { zh } from '../../renderer/words/zh.ts'
import { browserMissing, openStudio, type Studio } from './testing-studio.ts'

const missing = browserMissing()
const screens = ['home', 'datasets', 'train', 'generate', 'adapters', 'models', 'jobs', 'settings']
let studio: Studio
beforeAll(async () => {
  if (!missing) studio = await openStudio()
}, 180_000)
afterAll(() => studio?.close())
beforeEach((context) => {
  if (missing) context.skip(missing)
})

/** Everything on the page that a person reads or hears. */
const said = (): Promise<string[]> =>
  studio.page.evaluate(`(() => {
    const found = []
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (walk.nextNode()) if (walk.currentNode.parentElement.checkVisibility()) found.push(walk.currentNode.textContent.trim())
    for (const element of document.querySelectorAll('[aria-label], [title], [placeholder], [alt]'))
      for (const name of ['aria-label', 'title', 'placeholder', 'alt']) if (element.getAttribute(name)) found.push(element.getAttribute(name))
    return found.filter(Boolean)
  })()`)

test('in Chinese no English of the catalogue is left on any screen, and back', { timeout: 240_000 }, async () => {
  const { page } = studio
  // A word that some Chinese entry has too, such as a name, tells nothing.
  const own = new Set<string>(Object.values(zh))
  const english = new Set<string>(Object.values(en).filter((text) => !text.includes('{') && !own.has(text)))
  const origin = new URL(page.url()).origin
  const seen = async (): Promise<string[]> => {
    const left: string[] = []
    for (const screen of screens) {
      await page.goto(`${origin}/#/${screen}`)
      await page.locator('main h1').first().waitFor()
      await expect.poll(async () => (await said()).length).toBeGreaterThan(12)
      left.push(...(await said()).filter((text) => english.has(text)).map((text) => `${screen}: ${text}`))
    }
    return left
  }
  expect((await seen()).length).toBeGreaterThan(80)
  await page.goto(`${origin}/#/settings`)
  await page.getByLabel('Language').selectOption({ label: '简体中文' })
  await page.getByRole('heading', { name: zh['settings.title'] }).waitFor()
  expect(await page.evaluate('document.documentElement.lang')).toBe('zh-CN')
  expect(await seen()).toEqual([])
  await page.reload()
  await page.getByRole('heading', { name: zh['settings.title'] }).waitFor()
  await page.getByLabel(zh['settings.language']).selectOption({ label: 'English' })
  await page.getByRole('heading', { name: en['settings.title'] }).waitFor()
})

test('light, dark and high contrast are seen at once and after a reload', { timeout: 120_000 }, async () => {
  const { page } = studio
  const ground = (): Promise<string> => page.evaluate('getComputedStyle(document.body).backgroundColor')
  const grounds = new Set<string>()
  for (const theme of ['light', 'dark', 'contrast'] as const) {
    await page.getByLabel(en['settings.theme']).selectOption(theme)
    const before = [...grounds]
    await expect.poll(ground).toSatisfy((colour: string) => !before.includes(colour))
    const now = await ground()
    grounds.add(now)
    await page.reload()
    await page.locator('main h1').first().waitFor()
    await expect.poll(ground).toBe(now)
  }
  expect(grounds.size).toBe(3)
  expect(studio.complaints).toEqual([])
})
