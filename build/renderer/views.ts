// What is drawn and looked at: every screen, its empty state, and what opens on top of it.
import type { Page } from 'playwright-core'
import type { FakeHost } from './fake/host.ts'
import { drawingViews } from './drawing-views.ts'
import { trainingViews } from './training-views.ts'

export interface View {
  readonly name: string
  /** After `#/`. */
  readonly address: string
  /** Drawn over a studio in which nothing was made yet. */
  readonly empty?: boolean
  /** Needs a page that was just loaded. */
  readonly fresh?: boolean
  readonly act?: (page: Page, host: FakeHost) => Promise<unknown>
}

const plain = ['home', 'datasets', 'train', 'generate', 'adapters', 'merge', 'models', 'jobs', 'settings']

async function chooseTwo(page: Page): Promise<void> {
  const add = page.locator('.side select')
  for (const adapter of ['black-ink', 'comic-outline']) await add.selectOption(adapter)
  await page.locator('aside table').waitFor()
}

export const views: readonly View[] = [
  ...plain.filter((name) => !['train', 'merge'].includes(name)).map((name) => ({ name, address: name })),
  {
    name: 'models-get',
    address: 'models',
    async act(page) {
      await page.locator('section[aria-labelledby=get-a-model] ul button').first().click()
      await page.locator('dialog:modal dl').waitFor()
    },
  },
  {
    name: 'models-gated',
    address: 'models',
    async act(page) {
      await page.locator('section[aria-labelledby=get-a-model] .head button').click()
      await page.locator('dialog:modal input').fill('some/gated')
      await page.keyboard.press('Enter')
      await page.locator('dialog:modal input[type=password]').waitFor()
    },
  },
  ...trainingViews,
  {
    name: 'merge',
    address: 'merge',
    fresh: true,
    act: chooseTwo,
  },
  {
    name: 'merge-clash',
    address: 'merge',
    fresh: true,
    async act(page) {
      await chooseTwo(page)
      await page.locator('.side summary').click()
      await page.locator('.side .clash table').scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'merge-bake',
    address: 'merge',
    fresh: true,
    async act(page) {
      await chooseTwo(page)
      await page.locator('aside form button[type=button]').click()
      await page.locator('dialog:modal').waitFor()
    },
  },
  ...drawingViews,
  {
    name: 'adapters-clash',
    address: 'adapters/black-ink',
    fresh: true,
    async act(page) {
      await page.locator('header button').first().click()
      await page.locator('dialog:modal input[type=checkbox]').first().check()
      await page.locator('dialog:modal .clash table').waitFor()
    },
  },
  ...plain.filter((name) => name !== 'settings').map((name) => ({ name: `${name}-empty`, address: name, empty: true })),
  {
    name: 'crop',
    address: 'datasets/studies',
    async act(page) {
      await page.locator('[role=gridcell]').nth(2).click()
      await page.locator('aside input[type=checkbox]').check()
      await page.locator('aside textarea').click()
      await page.keyboard.press('End')
      await page.keyboard.type(', ga')
      await page.locator('[role=listbox] [role=option]').first().waitFor()
    },
  },
  {
    name: 'large',
    address: 'datasets/studies',
    fresh: true,
    async act(page) {
      await page.locator('[role=gridcell]').nth(2).dblclick()
      await page.locator('aside input[type=checkbox], section input[type=checkbox]').first().check()
    },
  },
  {
    name: 'crop-by-hand',
    address: 'datasets/studies',
    fresh: true,
    async act(page) {
      await page.locator('[role=gridcell]').nth(2).click()
      for (const key of ['Enter', 'r']) await page.keyboard.press(key)
      await page.locator('form .corner').first().waitFor()
      for (let i = 0; i < 9; i++) await page.keyboard.press('ArrowRight')
    },
  },
  {
    name: 'bulk-edit',
    address: 'datasets/studies',
    async act(page) {
      await page.locator('header button').nth(3).click()
      await page.getByRole('dialog').getByRole('combobox').first().pressSequentially('sport, fa')
      await page.getByRole('dialog').getByRole('option').first().waitFor()
      await page.keyboard.press('ArrowDown')
    },
  },
  {
    name: 'caption-help',
    address: 'datasets/studies',
    async act(page) {
      await page.locator('header button').nth(4).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByRole('combobox').first().selectOption({ index: 3 })
      await dialog.locator('li img').nth(2).waitFor()
    },
  },
  {
    name: 'export-dialog',
    address: 'adapters',
    async act(page) {
      await page.locator('aside .actions button').nth(1).click()
      await page.getByRole('dialog').locator('.key').first().waitFor()
    },
  },
  {
    name: 'export-dialog-told',
    address: 'adapters',
    async act(page) {
      await page.locator('aside .actions button').nth(1).click()
      const dialog = page.getByRole('dialog')
      await dialog.locator('input[type=checkbox]').last().waitFor()
      await dialog.locator('select').first().selectOption('diffusers')
      await dialog.locator('.check .check input[type=checkbox]').check()
      await dialog.locator('.rank').waitFor()
      await dialog.locator('ul input').first().uncheck()
      await dialog.locator('ul').scrollIntoViewIfNeeded()
    },
  },
  { name: 'adapter-embedding', address: 'adapters/washed-hands' },
  {
    name: 'adapter-ranks',
    address: 'adapters/grain',
    act: (page) => page.locator('aside table svg').last().scrollIntoViewIfNeeded(),
  },
  { name: 'import-dialog', address: 'adapters', act: (page) => page.locator('header button').last().click() },
  {
    name: 'folders-dialog',
    address: 'adapters',
    async act(page) {
      await page.locator('header button').nth(-2).click()
      await page.getByRole('dialog').locator('li').first().waitFor()
    },
  },
  {
    name: 'cover-dialog',
    address: 'adapters',
    fresh: true,
    async act(page) {
      await page.locator('aside .actions button').nth(2).click()
      await page.getByRole('dialog').locator('li img').first().waitFor()
    },
  },
  {
    name: 'adapters-selected',
    address: 'adapters',
    fresh: true,
    async act(page) {
      for (const at of [0, 2]) await page.locator('main li input[type=checkbox]').nth(at).check()
      await page.locator('aside details summary').first().waitFor()
      await page.locator('aside').evaluate((panel) => (panel as unknown as { scrollTo: (x: number, y: number) => void }).scrollTo(0, 5000))
    },
  },
  // The last of its screen: where one was is remembered.
  {
    name: 'adapters-folder',
    address: 'adapters',
    fresh: true,
    async act(page) {
      await page.locator('main nav ul button').first().click()
      await page.locator('main nav ol button').nth(1).waitFor()
    },
  },
  { name: 'palette', address: 'generate', act: (page) => page.keyboard.press('Control+k') },
]
