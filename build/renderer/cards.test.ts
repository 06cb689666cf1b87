// Cards of failures: one for each code, counted, out of the way, gone when they are over; and where dialogs begin.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { PigmentError } from '../../engine/requests/error.ts'
import { openFakeStudio, type FakeStudio } from './testing-fake-studio.ts'
import { browserMissing } from './testing-studio.ts'

const missing = browserMissing()
let studio: FakeStudio
beforeAll(async () => {
  if (!missing) studio = await openFakeStudio({ size: { width: 1280, height: 720 } })
})
afterAll(() => studio?.close())
beforeEach(async (context) => {
  if (missing) return context.skip(missing)
  studio.answers.clear()
})

async function go(address: string): Promise<void> {
  await studio.page.goto(`${new URL(studio.page.url()).origin}/#/${address}`)
  await studio.page.reload()
  await studio.page.locator('main h1').first().waitFor()
}
/** Of what a person did; a job's own failure stands with the job. */
const card = () => studio.page.locator('.notices').getByRole('alert')
const full = (path: string) => new PigmentError('disk-full', `The disk is full: "${path}".`, { path })

test('two failures of a code are one card that counts and names both; each success takes its own away', async () => {
  const { page, answers } = studio
  await go('settings')
  let [theme, machine] = [true, true]
  const failing = (on: () => boolean, path: string) => () => {
    if (on()) throw full(path)
    return undefined
  }
  answers.set(
    'settings.machine',
    failing(() => machine, 'b'),
  )
  answers.set(
    'app.licences',
    failing(() => theme, 'a'),
  )
  const again = page.getByRole('button', { name: 'Test again' })
  const licences = page.getByText('Licences of what it is made of')
  await again.click()
  await card().waitFor()
  await licences.click()
  await card().getByText('×2').waitFor()
  expect(await card().count()).toBe(1)
  expect(await card().getByRole('listitem').allTextContents()).toEqual(['a', 'b'])
  await again.click()
  await card().getByText('×3').waitFor()

  machine = false
  await again.click()
  await page.waitForTimeout(200)
  expect(await card().count()).toBe(1)
  theme = false
  await licences.click()
  await licences.click()
  await card().waitFor({ state: 'detached' })
})

test('a card goes with the screen that it is about', async () => {
  const { page, answers } = studio
  await go('settings')
  answers.set('settings.machine', () => {
    throw full('a')
  })
  await page.getByRole('button', { name: 'Test again' }).click()
  await card().waitFor()
  await page.getByRole('navigation').getByRole('link', { name: 'Jobs' }).click()
  await page.getByRole('heading', { level: 1, name: 'Jobs' }).waitFor()
  await card().waitFor({ state: 'detached' })
})

/** Controls under the card whose middle another element takes the press of. */
const covered = (): Promise<string[]> =>
  studio.page.evaluate(`(() => {
    const card = document.querySelector('.notices [role=alert]')
    return [...document.querySelectorAll('button, a, input, select, textarea, summary')].filter((control) => {
      if (card.contains(control) || !control.checkVisibility()) return false
      const { left, top, width, height } = control.getBoundingClientRect()
      const [x, y] = [left + width / 2, top + height / 2]
      // What is scrolled out of sight is under nothing.
      for (let around = control.parentElement; around; around = around.parentElement) {
        const box = around.getBoundingClientRect()
        if (getComputedStyle(around).overflow !== 'visible' && (x < box.left || x > box.right || y < box.top || y > box.bottom)) return false
      }
      const hit = document.elementFromPoint(x, y)
      return hit !== null && card.contains(hit)
    }).map((control) => control.outerHTML.slice(0, 120))
  })()`)

test('no control is under a card, on any screen', async () => {
  const { page, answers } = studio
  for (const screen of ['datasets', 'train', 'generate', 'adapters', 'models', 'jobs', 'settings']) {
    await go(screen)
    answers.set('app.info', () => {
      throw full('a')
    })
    answers.set('files.opened', () => {
      throw full('a')
    })
    await page.reload()
    await card().waitFor()
    expect([screen, await covered()]).toEqual([screen, []])
    answers.clear()
  }
})

test('what fails behind a dialog is told in it, where it can be copied and closed', async () => {
  const { page, answers } = studio
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await go('generate')
  answers.set('generate.grid', () => {
    throw new PigmentError('grid-axis', 'The adapter of this axis is not in the stack. Add it first.', { adapter: 'ink' })
  })
  await page.getByRole('button', { name: 'X/Y grid …' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('combobox', { name: 'Across' }).selectOption('steps')
  await dialog.getByRole('button', { name: 'Make the grid' }).click()
  await card().waitFor()
  await card().getByRole('button', { name: 'Copy' }).click()
  await card().getByText('Copied').waitFor()
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe(
    'grid-axis: The adapter of this axis is not in the stack. Add it first.\nadapter: ink',
  )
  await card().getByRole('button', { name: 'Close' }).click()
  await card().waitFor({ state: 'detached' })
})

test('a dialog begins in its first field', async () => {
  const { page } = studio
  const begins: Record<string, readonly [screen: string, button: string | RegExp]> = {
    INPUT: ['adapters', 'Import …'],
    SELECT: ['adapters', 'Export …'],
  }
  for (const [tag, [screen, button]] of Object.entries(begins)) {
    await go(screen)
    await page.getByRole('button', { name: button }).first().click()
    await page.getByRole('dialog').waitFor()
    expect(await page.evaluate('document.activeElement.tagName')).toBe(tag)
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  }
})

test('Escape takes the selection back', async () => {
  const { page } = studio
  await go('datasets')
  const chosen = page.locator('[role=gridcell][aria-selected=true]')
  await page.getByRole('gridcell').nth(2).click()
  await expect.poll(() => chosen.count()).toBe(1)
  await page.keyboard.press('Escape')
  await expect.poll(() => chosen.count()).toBe(0)
})
