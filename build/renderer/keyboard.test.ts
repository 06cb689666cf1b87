// The whole job without a pointer: palette, shortcuts, Tab, arrows and Enter alone.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Locator } from 'playwright-core'
import { expect, test } from 'vitest'
import { openSafetensors } from '../../engine/files/safetensors.ts'
import { patient, useStudio } from './testing-use-studio.ts'

const studio = useStudio()

async function press(...keys: readonly string[]): Promise<void> {
  for (const key of keys) await studio().page.keyboard.press(key)
}
const type = (text: string) => studio().page.keyboard.type(text)
const button = (name: string) => studio().page.getByRole('button', { name, exact: true })

const focused = (target: Locator): Promise<boolean> =>
  target.evaluate(
    (element) => element === (element as unknown as { ownerDocument: { activeElement: unknown } }).ownerDocument.activeElement,
  )

/** Tab until the focus is there, where it must be seen. */
async function tabTo(target: Locator): Promise<void> {
  await target.waitFor(patient)
  const passed: string[] = []
  for (let i = 0; i < 150; i++) {
    if (await focused(target)) return expect.poll(() => focusSeen(target)).toBe(true)
    await press('Tab')
    passed.push(
      await studio().page.evaluate('document.activeElement.getAttribute("aria-label") || document.activeElement.textContent.trim()'),
    )
  }
  throw new Error(`Tab does not lead to ${String(target)}, but to: ${passed.map((text) => text.slice(0, 30)).join(' · ')}`)
}
/** The ring of the focus: an outline that is drawn. */
const focusSeen = (target: Locator): Promise<boolean> =>
  target.evaluate((element) => {
    const page = (element as unknown as { ownerDocument: { defaultView: { getComputedStyle(of: unknown): Record<string, string> } } })
      .ownerDocument
    const { outlineStyle, outlineWidth } = page.defaultView.getComputedStyle(element)
    return outlineStyle !== 'none' && Number.parseFloat(outlineWidth ?? '') > 0
  })

async function fill(target: Locator, text: string): Promise<void> {
  await tabTo(target)
  await press('Control+a')
  await type(text)
}

async function command(words: string): Promise<void> {
  await press('Control+k')
  await studio().page.getByRole('dialog').waitFor()
  await type(words)
  await studio().page.getByRole('dialog').getByRole('option').first().waitFor()
  await press('Enter')
}

test('a set is looked through and trained, the style stacked and drawn, and exported, by keys', async () => {
  const { page, home } = studio()
  await command('pictures')
  await tabTo(page.getByRole('gridcell').first())
  await press('ArrowRight', 'ArrowRight')
  await expect.poll(() => page.locator('[role=gridcell][aria-selected=true]').getAttribute('data-index')).toBe('2')
  await tabTo(page.getByRole('textbox', { name: /^Caption of/ }))

  await press('Control+1')
  await tabTo(button('Train “Black ink”'))
  await press('Enter')
  await tabTo(page.getByRole('radio', { name: /Balanced/ }))
  await press('ArrowUp')
  expect(await page.getByRole('radio', { name: /Quick look/ }).isChecked()).toBe(true)
  await fill(page.getByLabel('Steps', { exact: true }), '8')
  await press('Control+Enter')
  await tabTo(button('Use it in Generate'))
  await page.getByText(/Step 8 of 8/).waitFor()
  await press('Enter')

  await fill(page.getByLabel('Prompt', { exact: true }), 'blackink style emoji of rocket')
  await fill(page.getByRole('spinbutton', { name: 'Steps' }), '4')
  await tabTo(page.getByLabel('Add an adapter'))
  await type('Comic')
  await fill(page.getByRole('spinbutton', { name: 'Weight of Black ink' }), '0.8')
  await tabTo(button('Mute Comic outline'))
  await press('Space')
  expect(await button('Mute Comic outline').getAttribute('aria-pressed')).toBe('true')
  await press('Control+Enter')
  const drawn = page.getByRole('img', { name: /blackink style emoji of rocket/ })
  await drawn.first().waitFor(patient)

  await command('adapters: black')
  await tabTo(button('Export …'))
  await press('Enter')
  const dialog = page.getByRole('dialog')
  await tabTo(dialog.getByRole('button', { name: 'Export', exact: true }))
  await press('Enter')
  await dialog.getByText('Exported and read back').waitFor(patient)
  await press('Escape')
  await dialog.waitFor({ state: 'detached' })
  await expect.poll(() => focused(button('Export …'))).toBe(true)
  const written = (await readdir(home, { recursive: true })).filter((name) => /export.*\.safetensors$/i.test(name))
  expect(written).toHaveLength(1)
  expect((await openSafetensors(join(home, written[0] ?? ''))).metadata.get('modelspec.trigger_phrase')).toBe('blackink')

  // A step on the way, chosen by its samples, goes into the library too.
  await command('runs: black')
  await tabTo(page.getByRole('slider', { name: 'Samples at step' }))
  await press('ArrowLeft')
  await tabTo(button('Keep step 4'))
  await press('Enter')
  await page.getByText('Step 4 is in the library').waitFor(patient)
  await command('adapters: black ink · 4')
  await page.getByRole('complementary', { name: 'Black ink · 4' }).waitFor(patient)
})
