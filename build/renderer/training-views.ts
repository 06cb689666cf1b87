// What is drawn and looked at of the Train screen: a run that is set up, and one that is looked at.
import type { View } from './views.ts'

export const trainingViews: readonly View[] = [
  { name: 'train', address: 'train/new', act: (page) => page.locator('form dl').waitFor() },
  {
    name: 'train-recipe',
    address: 'train/new',
    fresh: true,
    async act(page) {
      await page.locator('header button').first().click()
      const file = { name: 'ink.toml', mimeType: 'text/plain', buffer: Buffer.from('recipe = 1') }
      await page.locator('dialog:modal input[type=file]').setInputFiles(file)
      await page.locator('dialog:modal table').first().waitFor()
    },
  },
  { name: 'train-run', address: 'train/run-ink', act: (page) => page.locator('.run').waitFor() },
  { name: 'train-done', address: 'train/run-comic', act: (page) => page.locator('.run').waitFor() },
  {
    name: 'train-advanced',
    address: 'train/new',
    async act(page) {
      await page.getByRole('tab').nth(1).click()
      await page.locator('#field-loraPlus').scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'train-found',
    address: 'train/new',
    fresh: true,
    async act(page) {
      await page.locator('#field-lr').fill('0.002')
      await page.locator('form [type=search]').fill('rate')
      await page.locator('#field-textRate').waitFor()
    },
  },
  {
    name: 'train-sets',
    address: 'train/new',
    fresh: true,
    async act(page) {
      const add = page.locator('select.add')
      for (let n = 0; n < 2; n++) await add.selectOption({ index: 1 })
      await page.locator('.sets li').nth(1).locator('input[type=checkbox]').first().check()
      await page.locator('.sets li details summary').first().click()
      await page.locator('#field-sets-0-flip').waitFor()
    },
  },
  { name: 'race', address: 'train/race:race-comic', act: (page) => page.locator('.race table').waitFor() },
  {
    name: 'race-dialog',
    address: 'train/new',
    fresh: true,
    async act(page) {
      await page.locator('header button').last().click()
      await page.locator('dialog:modal input[type=checkbox]').first().waitFor()
    },
  },
  {
    name: 'continue',
    address: 'train/run-comic',
    async act(page) {
      await page.locator('.run .actions button:not(.icon)').first().click()
      await page.locator('form [role=status]').waitFor()
    },
  },
]
