// The whole job without a pointer: palette, Tab, arrows and Enter alone.
import { readdir } from 'node:fs/promises'
import type { Locator } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { browserMissing, openStudio, type Studio } from './testing-studio.ts'

const missing = browserMissing()
let studio: Studio
beforeAll(async () => {
  if (!missing) studio = await openStudio()
}, 180_000)
afterAll(() => studio?.close())
beforeEach((context) => {
  if (missing) context.skip(missing)
})

const press = (...keys: string[]) => keys.reduce(async (before, key) => (await before, studio.page.keyboard.press(key)), Promise.resolve())
const type = (text: string) => studio.page.keyboard.type(text)

/** Tab until the focus is there. */
async function tabTo(target: Locator): Promise<void> {
  await target.waitFor({ timeout: 60_000 })
  for (let i = 0; i < 120; i++) {
    if (
      await target.evaluate(
        (element) => element === (element as unknown as { ownerDocument: { activeElement: unknown } }).ownerDocument.activeElement,
      )
    )
      return
    await press('Tab')
  }
  throw new Error(`Tab does not lead to ${String(target)}`)
}

async function command(words: string): Promise<void> {
  await press('Control+k')
  await studio.page.getByRole('dialog').waitFor()
  await type(words)
  await press('Enter')
}

test('a style is trained, stacked, drawn and exported by keys', { timeout: 400_000 }, async () => {
  const { page, home } = studio
  await tabTo(page.getByRole('button', { name: 'Train “Black ink”' }))
  await press('Enter')
  await tabTo(page.getByRole('radio', { name: /Balanced/ }))
  await press('ArrowUp')
  expect(await page.getByRole('radio', { name: /Quick look/ }).isChecked()).toBe(true)
  await tabTo(page.getByLabel('Steps', { exact: true }))
  await press('Control+a')
  await type('12')
  await tabTo(page.getByRole('button', { name: 'Start training' }))
  await press('Enter')
  await tabTo(page.getByRole('button', { name: 'Use it in Generate' }))
  await press('Enter')

  await tabTo(page.getByLabel('Prompt', { exact: true }))
  await type('blackink style emoji of rocket')
  await tabTo(page.getByRole('spinbutton', { name: 'Steps' }))
  await press('Control+a')
  await type('6')
  await tabTo(page.getByRole('spinbutton', { name: 'Weight of Black ink' }))
  await press('Control+a')
  await type('0.8')
  await press('Control+Enter')
  await page
    .getByRole('img', { name: /blackink style emoji of rocket/ })
    .first()
    .waitFor({ timeout: 120_000 })

  await command('adapters')
  await tabTo(page.getByRole('button', { name: 'Export …' }))
  await press('Enter')
  const dialog = page.getByRole('dialog')
  await tabTo(dialog.getByRole('button', { name: 'Export', exact: true }))
  await press('Enter')
  await dialog.getByText('Exported and read back').waitFor({ timeout: 60_000 })
  await press('Escape')
  await dialog.waitFor({ state: 'detached' })
  expect((await readdir(home, { recursive: true })).filter((name) => /export.*\.safetensors$/i.test(name))).toHaveLength(1)

  // Pictures: the arrows move in the grid, and a caption is a Tab away.
  await command('pictures')
  await tabTo(page.getByRole('gridcell').first())
  await press('ArrowRight', 'ArrowRight')
  await expect.poll(() => page.locator('[role=gridcell][aria-selected=true]').getAttribute('data-index')).toBe('2')
  await tabTo(page.getByRole('textbox', { name: /^Caption of/ }))
  expect(studio.complaints).toEqual([])
})
