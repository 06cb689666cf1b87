// The views of Generate: its canvas, its stack, and what opens over them.
import type { View } from './views.ts'

export const drawingViews: readonly View[] = [
  {
    name: 'generate-advanced',
    address: 'generate',
    async act(page) {
      await page.locator('form details summary').last().click()
      await page.locator('#field-vae').scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'generate-image',
    address: 'generate',
    fresh: true,
    async act(page) {
      // Whatever another view drew from.
      await page.getByRole('tab').first().click()
      await page.locator('.bar button').nth(2).click()
      await page.locator('.under .name').waitFor()
    },
  },
  {
    name: 'generate-mask',
    address: 'generate',
    fresh: true,
    async act(page) {
      const tab = page.getByRole('tab').nth(2)
      await tab.click()
      if ((await page.locator('.under .name').count()) === 0) await page.locator('.under button.button').last().click()
      await page.locator('.stage canvas').waitFor()
      const { x, y, width, height } = (await page.locator('.stage figure').boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 }
      await page.mouse.move(x + width * 0.4, y + height * 0.4)
      await page.mouse.down()
      await page.mouse.move(x + width * 0.6, y + height * 0.55, { steps: 4 })
      await page.mouse.up()
    },
  },
  {
    name: 'generate-clash',
    address: 'generate',
    fresh: true,
    async act(page) {
      for (const adapter of ['black-ink', 'comic-outline'])
        if ((await page.locator(`aside option[value=${adapter}]`).count()) > 0)
          await page.locator('aside select').first().selectOption(adapter)
      await page.locator('aside details summary').last().click()
      await page.locator('aside .clash table').scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'generate-strength',
    address: 'generate',
    async act(page) {
      await page.locator('aside section > select').first().selectOption({ index: 1 })
      await page.locator('article details summary').first().click()
      await page.locator('article details input[type=checkbox]').first().check()
      await page.locator('article details select').first().selectOption('INS')
      await page.locator('article details .course select').first().selectOption('out-softly')
      await page.locator('article details .region select').first().selectOption('box')
      await page.locator('article details .region').first().scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'vae-dialog',
    address: 'generate',
    // With the fold that the view before opened shut again.
    fresh: true,
    async act(page) {
      await page.locator('form details summary').last().click()
      await page.locator('#field-vae ~ button').click()
      await page.locator('dialog:modal .places button').first().waitFor()
    },
  },
  {
    name: 'stack',
    address: 'generate',
    async act(page) {
      // Those that other views put there stay on it.
      const add = page.locator('aside select').first()
      const free = add.locator('option:not([value=""], :disabled)')
      for (const _ of [1, 2, 3, 4]) if ((await free.count()) > 0) await add.selectOption((await free.first().getAttribute('value')) ?? '')
    },
  },
  {
    name: 'compare',
    address: 'generate',
    fresh: true,
    async act(page) {
      // Whatever another view drew from.
      await page.getByRole('tab').first().click()
      await page.locator('.bar button').nth(3).click()
      await page.locator('.middle ul li button').nth(1).click()
      await page.getByRole('radio').nth(1).check()
    },
  },
  {
    name: 'grid-dialog',
    address: 'generate',
    async act(page) {
      await page.locator('header button').last().click()
      await page.getByRole('dialog').locator('select').first().selectOption('adapter')
    },
  },
]
