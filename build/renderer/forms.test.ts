// Forms tell what does not fit, field by field and in place, and send nothing of it.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openFakeStudio, type FakeStudio } from './fake-studio.ts'
import { browserMissing } from './testing-studio.ts'

const missing = browserMissing()
let studio: FakeStudio
beforeAll(async () => {
  if (!missing) studio = await openFakeStudio()
})
afterAll(() => studio?.close())
beforeEach((context) => {
  if (missing) context.skip(missing)
})

const sent = (method: string) => studio.calls.filter((call) => call.method === method)
async function go(address: string): Promise<void> {
  await studio.page.goto(`${new URL(studio.page.url()).origin}/#/${address}`)
  await studio.page.reload()
  await studio.page.locator('main h1').first().waitFor()
}

test('a number that does not fit is told beside its field while it is typed; nothing starts and nothing is asked of the host', async () => {
  const { page } = studio
  await go('train')
  await page.locator('form dl').waitFor()
  const rank = page.getByLabel('Rank', { exact: true })
  const start = page.getByRole('button', { name: 'Start training' })
  const told = page.locator('#field-rank-problem')
  expect(await start.isEnabled()).toBe(true)
  const asked = sent('training.forecast').length
  for (const text of ['0', '-1', '99999', '1.5', '']) {
    await rank.fill(text)
    await told.waitFor()
    expect([text, await told.textContent()]).toEqual([text, text === '1.5' ? 'Rank: a whole number, 1 to 1024' : 'Rank: 1 to 1024'])
    expect(await rank.getAttribute('aria-invalid')).toBe('true')
    expect(await start.isDisabled()).toBe(true)
  }
  await rank.press('e')
  expect(await told.textContent()).toBe('Rank: 1 to 1024')
  // Longer than a forecast waits for the next key.
  await page.waitForTimeout(500)
  expect(sent('training.forecast').length).toBe(asked)
  expect(await page.getByRole('alert').count()).toBe(0)

  await rank.fill('200')
  await told.waitFor({ state: 'detached' })
  expect(await start.isEnabled()).toBe(true)
  await expect.poll(() => (sent('training.forecast').at(-1)?.input as { rank: number }).rank).toBe(200)
  // Nothing typed and left is the default; what is on the way to a number stays as it is typed.
  await rank.fill('')
  await rank.blur()
  expect(await rank.inputValue()).toBe('64')
  const rate = page.getByRole('spinbutton', { name: 'Learning rate' })
  await rate.fill('')
  await rate.pressSequentially('0.0500')
  expect(await rate.inputValue()).toBe('0.0500')
})

test('the field that is wrong is found from the button, out of its fold; a rank that members cannot share is told as one', async () => {
  const { page } = studio
  await go('train')
  await page.locator('form dl').waitFor()
  const basic = page.getByText('Basic', { exact: true })
  await page.getByLabel('Rank', { exact: true }).fill('63')
  await basic.click()
  const told = page.getByRole('button', { name: 'Rank: a multiple of 4, which is the number of members, such as 64' })
  await told.click()
  expect(await page.evaluate('document.activeElement.id')).toBe('field-rank')
  await page.getByLabel('Name of the style').fill(' ')
  await page.getByRole('button', { name: 'Name of the style: cannot be empty' }).waitFor()
  await page.keyboard.press('Control+Enter')
  expect(sent('training.start')).toEqual([])
  await page.getByLabel('Name of the style').fill('x')
  await page.getByLabel('Rank', { exact: true }).fill('64')
  await page.getByRole('button', { name: 'Start training' }).click()
  await expect.poll(() => sent('training.start').length).toBe(1)
})

test('what the host refuses all the same is told in the words of the field, in both languages', async () => {
  const { page, answers } = studio
  const refused = page.getByRole('alert')
  answers.set('settings.set', async () => {
    const { dispatcher } = await import('../../main/studio/dispatch.ts')
    const refusal = await dispatcher({} as never)('training.forecast', { name: 'a', dataset: 'b', rank: 5000, samples: { every: -1 } })
    if (refusal.ok) return undefined
    throw Object.assign(
      new (await import('../../engine/spec/error.ts')).PigmentError(refusal.error.code, refusal.error.message, { ...refusal.error.facts }),
    )
  })
  await go('settings')
  await page.getByRole('combobox', { name: 'Theme' }).selectOption('light')
  await refused.waitFor()
  expect(await refused.locator('.title').textContent()).toBe('Rank: 1 to 1024; every: at least 0 ')
  expect(await refused.locator('dd').first().textContent()).toBe(
    'This does not fit. rank: a whole number from 1 to 1024; samples.every: a whole number from 0.',
  )
  answers.clear()
})

test('values of a grid that cannot be read are named, and those out of bounds too', async () => {
  const { page } = studio
  await go('generate')
  await page.getByRole('button', { name: 'X/Y grid …' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('combobox', { name: 'Across' }).selectOption('steps')
  const values = dialog.getByLabel('Values, separated by commas').first()
  const make = dialog.getByRole('button', { name: 'Make the grid' })
  const told = dialog.getByRole('group', { name: 'Across' }).getByRole('status')
  for (const [text, words] of [
    ['8, abc, 16, ½', '“abc”, “½”: write 1 to 1000'],
    ['8, 2000', '“2000”: write 1 to 1000'],
    ['8 1.5', '“1.5”: write a whole number, 1 to 1000'],
    ['', 'Write at least one value'],
    ['1 2 3 4 5 6 7 8 9 10 11 12 13', '13 values; at most 12 fit on an axis'],
  ] as const) {
    await values.fill(text)
    await expect.poll(() => told.textContent()).toBe(words)
    expect(await make.isDisabled()).toBe(true)
  }
  await values.fill('8, 16')
  await told.waitFor({ state: 'detached' })
  expect(await make.isEnabled()).toBe(true)
})
