// Language and theme: switched live, whole on every screen and in every dialog, and still so after a reload.
import { expect, test } from 'vitest'
import { en } from '../../renderer/words/en.ts'
import { zh } from '../../renderer/words/zh.ts'
import { patient, useStudio } from './testing-use-studio.ts'

const studio = useStudio()
type Words = Readonly<Record<keyof typeof en, string>>

/** Everything on the page that a person reads or hears. */
const said = (): Promise<string[]> =>
  studio().page.evaluate(`(() => {
    const found = []
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (walk.nextNode()) {
      const { parentElement: around, textContent } = walk.currentNode
      if (around.checkVisibility() && !around.closest('[translate=no]')) found.push(textContent.trim())
    }
    for (const element of document.querySelectorAll('[aria-label], [title], [placeholder], [alt], [aria-valuetext]'))
      for (const name of ['aria-label', 'title', 'placeholder', 'alt', 'aria-valuetext']) if (element.getAttribute(name)) found.push(element.getAttribute(name))
    return found.filter(Boolean)
  })()`)

/** Whether a text is one of the English catalogue, with whatever is filled in, that Chinese has another for. */
const english = (() => {
  // A word that some Chinese entry has too, such as a name, tells nothing.
  const own = new Set<string>(Object.values(zh))
  const plain = new Set<string>()
  const filled: RegExp[] = []
  for (const text of Object.values(en)) {
    if (own.has(text)) continue
    if (!text.includes('{')) plain.add(text)
    else if (/[a-z]{3}/i.test(text.replace(/\{\w+\}/g, ''))) filled.push(patternOf(text))
  }
  return (text: string): boolean => plain.has(text) || filled.some((pattern) => pattern.test(text))
})()

function patternOf(text: string): RegExp {
  const escaped = (literal: string): string => literal.replace(/[.*+?^$()[\]\\/]/g, '\\$&')
  const parts = text.split(/(\{[^{}]*\})/).map((part) => {
    const [, one, many] = /^\{\w+\|([^|]*)\|([^|]*)\}$/.exec(part) ?? []
    if (one !== undefined && many !== undefined) return `(?:${escaped(one)}|${escaped(many).replaceAll('#', '[\\d,.]+')})`
    return part.startsWith('{') ? '.+' : escaped(part)
  })
  return new RegExp(`^${parts.join('')}$`)
}

/** Every place that a person can come to, by the words of its language. */
const places: Readonly<Record<string, (words: Words) => Promise<void>>> = {
  home: () => go('home'),
  datasets: () => go('datasets'),
  'new set': async (words) => {
    await press(words['datasets.new'])
    await dialog().getByRole('textbox').first().fill('/nowhere')
    await dialog().getByRole('button', { name: words['datasets.new'] }).last().click()
    // In the dialog, or as a card where the answer is late.
    await studio().page.getByRole('alert').first().waitFor(patient)
  },
  'bulk edit': async (words) => {
    await go('datasets')
    await press(words['datasets.bulk'])
    await dialog().getByRole('radio').last().check()
    await dialog().getByLabel(words['datasets.bulk.find'], { exact: true }).fill('emoji')
    await dialog().getByRole('status').waitFor(patient)
  },
  train: () => go('train'),
  generate: async () => {
    await go('generate')
    await studio().page.locator('figure img').first().waitFor(patient)
  },
  grid: async (words) => press(words['generate.grid']),
  adapters: () => go('adapters'),
  export: async (words) => {
    await press(words['adapters.export'])
    await dialog().getByText(words['adapters.export.metadata']).first().waitFor(patient)
  },
  models: () => go('models'),
  jobs: async (words) => {
    await go('jobs')
    await press(words['jobs.log'])
    await studio().page.getByRole('log').waitFor()
  },
  settings: () => go('settings'),
  palette: async () => {
    await studio().page.keyboard.press('Control+k')
    await dialog().waitFor()
  },
}
const dialog = () => studio().page.getByRole('dialog')
const press = (name: string) => studio().page.getByRole('button', { name, exact: true }).first().click()
async function go(screen: string): Promise<void> {
  const { page } = studio()
  await page.goto(`${new URL(page.url()).origin}/#/${screen}`)
  await page.locator('main h1').first().waitFor()
  await page.getByRole('progressbar').first().waitFor({ state: 'detached', timeout: 180_000 })
}

/** What is English at each place. */
async function left(words: Words): Promise<string[]> {
  const found: string[] = []
  for (const [name, open] of Object.entries(places)) {
    await open(words)
    await expect.poll(async () => (await said()).length, patient).toBeGreaterThan(12)
    found.push(...(await said()).filter(english).map((text) => `${name}: ${text}`))
    if ((await dialog().count()) > 0) await studio().page.keyboard.press('Escape')
  }
  return found
}

test('in Chinese no English of the catalogue is left on any screen or in any dialog, and back', async () => {
  const { page } = studio()
  await go('generate')
  await page.getByRole('spinbutton', { name: en['field.steps'] }).fill('2')
  await page.getByLabel(en['generate.prompt'], { exact: true }).fill('fox')
  await press(en['generate.go'])
  await page.locator('figure').getByRole('img', { name: /fox/ }).first().waitFor(patient)
  // The same look at the English studio finds it everywhere.
  const before = await left(en)
  expect([...new Set(before.map((text) => text.split(':')[0]))]).toEqual(Object.keys(places))
  expect(before.length).toBeGreaterThan(200)

  await go('settings')
  await page.getByRole('combobox', { name: en['settings.language'] }).selectOption({ label: '简体中文' })
  await page.getByRole('heading', { name: zh['settings.title'] }).waitFor()
  expect(await page.evaluate('document.documentElement.lang')).toBe('zh-CN')
  expect(await left(zh)).toEqual([])

  await go('settings')
  await page.reload()
  await page.getByRole('heading', { name: zh['settings.title'] }).waitFor()
  await page.getByRole('combobox', { name: zh['settings.language'] }).selectOption({ label: 'English' })
  await page.getByRole('heading', { name: en['settings.title'] }).waitFor()
})

test('light, dark and high contrast are seen at once and after a reload', async () => {
  const { page } = studio()
  await go('settings')
  const ground = (): Promise<string> => page.evaluate('getComputedStyle(document.body).backgroundColor')
  const grounds = new Set<string>()
  for (const theme of ['light', 'dark', 'contrast'] as const) {
    await page.getByRole('combobox', { name: en['settings.theme'] }).selectOption(theme)
    await expect.poll(() => page.evaluate('document.documentElement.dataset.theme'), patient).toBe(theme)
    const now = await ground()
    grounds.add(now)
    await page.reload()
    await page.locator('main h1').first().waitFor()
    await expect.poll(ground, patient).toBe(now)
  }
  expect(grounds.size).toBe(3)
  await page.getByRole('combobox', { name: en['settings.theme'] }).selectOption('system')
  for (const colorScheme of ['dark', 'light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await expect.poll(() => page.evaluate('document.documentElement.dataset.theme'), patient).toBe(colorScheme)
  }
})

test('shortcuts get other keys, which conflicts and unfit keys do not, and outlive a reload', async () => {
  const { page } = studio()
  const palette = page.getByRole('dialog')
  const keys = (name: string) => page.getByRole('button', { name: new RegExp(`^${name}: .*Change$`) })
  const rebind = async (name: string, pressed: string): Promise<void> => {
    await keys(name).focus()
    await page.keyboard.press('Enter')
    await page.getByText('Press keys …').waitFor()
    await page.keyboard.press(pressed)
  }
  const kept = async (name: string): Promise<string> => (await keys(name).innerText()).split(/\s+/).join('+')
  const opens = async (pressed: string): Promise<boolean> => {
    await page.keyboard.press(pressed)
    const open = (await palette.count()) === 1
    if (open) await page.keyboard.press('Escape')
    await palette.waitFor({ state: 'detached' })
    return open
  }
  await page.keyboard.press('?')
  await keys('Commands').waitFor()
  await rebind('Commands', 'Control+j')
  await expect.poll(() => kept('Commands')).toBe('Ctrl+J')
  expect([await opens('Control+k'), await opens('Control+j')]).toEqual([false, true])

  await rebind('Undo', 'Control+j')
  await page.getByRole('alert').getByText('Ctrl J is taken by “Commands”.').waitFor()
  await page.keyboard.press('Control+c')
  await page.getByRole('alert').getByText('Ctrl C is needed').waitFor()
  await page.keyboard.press('Escape')
  expect(await kept('Undo')).toBe('Ctrl+Z')
  await rebind('Generate, start training, or on to the next picture without a caption', 'x')
  await page.getByRole('alert').getByText('X would be typed').waitFor()
  await page.keyboard.press('Alt+Enter')
  await expect.poll(() => kept('Generate, start training, or on to the next picture without a caption')).toBe('Alt+Enter')
  // The usual keys of one that another has by now are not taken back from it.
  // It says so at once, while the other's keys are still on their way to the host.
  const written = page.waitForResponse((response) => response.url().endsWith('/call/settings.set'))
  await rebind('Star, in the gallery', 'Control+k')
  await page.getByRole('button', { name: 'Back to the usual keys of “Commands”' }).click()
  await page.getByRole('alert').getByText('Ctrl K is taken by “Star, in the gallery”.').waitFor()
  await written

  await page.reload()
  await keys('Commands').waitFor()
  expect([await kept('Commands'), await kept('Star, in the gallery')]).toEqual(['Ctrl+J', 'Ctrl+K'])
  expect(await opens('Control+j')).toBe(true)
  // What a stranger's settings say is not believed.
  await page.evaluate(
    `fetch('/call/settings.set', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"shortcuts":{"palette":"Tab","star":"Ctrl+Z","constructor":"F2"}}' })`,
  )
  await expect.poll(() => kept('Commands')).toBe('Ctrl+K')
  expect(await kept('Star, in the gallery')).toBe('.')
  await rebind('Crop the picture', 'F8')
  await expect.poll(() => kept('Crop the picture')).toBe('F8')
  await page.getByRole('button', { name: 'Back to the usual keys', exact: true }).click()
  await expect.poll(() => kept('Crop the picture')).toBe('R')
})
