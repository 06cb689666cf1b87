// Forms tell what does not fit, field by field and in place, and send nothing of it.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { reviveError } from '../../main/api/revive-error.ts'
import { commands } from '../../main/commands/index.ts'
import { answersOf } from '../../main/host/answers.ts'
import { dispatcher } from '../../main/host/dispatch.ts'
import type { Parts } from '../../main/studio/parts.ts'
import { openFakeStudio, type FakeStudio } from './testing-fake-studio.ts'
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

test('twice the rank is offered beside alpha, until it is taken', async () => {
  const { page } = studio
  await go('train/new')
  await page.locator('form dl').waitFor()
  await page.getByLabel('Rank', { exact: true }).fill('12')
  const offer = page.getByRole('button', { name: '2 × rank' })
  await offer.click()
  expect(await page.getByLabel('Alpha', { exact: true }).inputValue()).toBe('24')
  await offer.waitFor({ state: 'detached' })
})

test('alpha follows the rank until it is set apart, and again when it is tied', async () => {
  const { page } = studio
  await go('train/new')
  await page.locator('form dl').waitFor()
  const [rank, alpha] = [page.getByLabel('Rank', { exact: true }), page.getByLabel('Alpha', { exact: true })]
  const tie = page.getByRole('button', { name: 'Alpha follows rank' })
  if ((await tie.getAttribute('aria-pressed')) === 'false') await tie.click()
  await rank.fill('24')
  expect([await alpha.inputValue(), await tie.getAttribute('aria-pressed')]).toEqual(['24', 'true'])
  await alpha.fill('6')
  await rank.fill('32')
  expect([await alpha.inputValue(), await tie.getAttribute('aria-pressed')]).toEqual(['6', 'false'])
  await tie.click()
  expect(await alpha.inputValue()).toBe('32')
})

test('what was changed is kept as a preset of one’s own, taken again, and deleted with a way back; the form is not sent by it', async () => {
  const { page } = studio
  await go('train/new')
  await page.locator('form dl').waitFor()
  const steps = page.getByLabel('Steps', { exact: true })
  // Another preset takes the place of what was changed.
  for (const name of [/Quick look/, /Balanced/]) await page.getByRole('radio', { name }).check()
  await steps.fill('77')
  const before = sent('training.start').length
  await page.getByRole('button', { name: 'Save as preset …' }).click()
  await page.getByLabel('Name of the preset').fill('Mine, short')
  await page.keyboard.press('Enter')
  const own = page.getByRole('radio', { name: 'Mine, short' })
  await own.waitFor()
  expect([await own.isChecked(), sent('training.start').length]).toEqual([true, before])
  expect(sent('training.keepPreset').at(-1)?.input).toMatchObject({ name: 'Mine, short', values: { steps: 77, rank: 64, alpha: 64 } })
  await page.getByRole('radio', { name: /Quick look/ }).check()
  expect(await steps.inputValue()).not.toBe('77')
  await own.check()
  expect(await steps.inputValue()).toBe('77')
  // Of the embedded model; it says so where another kind is trained.
  expect(sent('training.keepPreset').at(-1)?.input).toMatchObject({ family: 'embedded' })
  const elsewhere = page.getByText(/Your own, made for the embedded model\. This model is of another kind/)
  expect(await elsewhere.count()).toBe(0)
  const model = page.getByRole('combobox', { name: 'Base model' })
  await model.selectOption('sdxl')
  await elsewhere.waitFor()
  await model.selectOption({ index: 0 })
  await elsewhere.waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Delete the preset “Mine, short”' }).click()
  await own.waitFor({ state: 'detached' })
  expect(await page.getByRole('radio', { name: /Balanced/ }).isChecked()).toBe(true)
  await page.getByRole('button', { name: 'Undo' }).click()
  await own.waitFor()
})

test('steps, epochs or minutes say how long: one of them goes with the form, as long as before, and is not left empty', async () => {
  const { page } = studio
  await go('train/new')
  await page.locator('form dl').waitFor()
  const asked = () => sent('training.forecast').at(-1)?.input as { epochs?: number; minutes?: number; course?: string } | undefined
  const by = (what: string) => page.getByRole('radio', { name: `How long: ${what}` })
  expect(await by('Steps').isChecked()).toBe(true)
  await by('Epochs').check()
  // The forecast of the form before: 27.3 times over the pictures, in some minutes.
  await expect.poll(() => asked()?.epochs).toBe(27)
  const epochs = page.getByLabel('Epochs', { exact: true })
  expect([await epochs.inputValue(), await page.getByLabel('Steps', { exact: true }).count()]).toEqual(['27', 0])
  await epochs.fill('')
  await page.getByRole('button', { name: /^Epochs: 1 to/ }).waitFor()
  await epochs.fill('3')
  await expect.poll(() => asked()?.epochs).toBe(3)
  await by('Minutes').check()
  await expect.poll(() => [typeof asked()?.minutes, asked()?.epochs, asked()?.course]).toEqual(['number', undefined, 'constant'])
  await by('Steps').check()
  await expect.poll(() => [asked()?.minutes, asked()?.epochs]).toEqual([undefined, undefined])
})

test('further sets go with the form, each with what it has of its own; they change places and go by keys, and come back by a recipe', async () => {
  const { page } = studio
  await go('train/new')
  await page.locator('form dl').waitFor()
  const asked = () => sent('training.forecast').at(-1)?.input as { dataset: string; repeats?: number; sets?: object[] } | undefined
  const first = page.getByRole('combobox', { name: 'Pictures', exact: true })
  await first.selectOption('studies')
  const add = page.getByRole('combobox', { name: 'Add a set …' })
  await add.selectOption('comic')
  const card = page.getByRole('listitem', { name: 'Comic outline' })
  await card.getByRole('spinbutton', { name: 'Repeats' }).fill('3')
  await card.getByRole('spinbutton', { name: 'Weight' }).fill('0.5')
  await card.getByRole('spinbutton', { name: 'Size, px' }).fill('64')
  await card.getByRole('checkbox', { name: /Pictures of the class/ }).check()
  await expect.poll(() => asked()?.sets).toEqual([{ folder: 'comic', repeats: 3, weight: 0.5, resolution: 64, classPictures: true }])
  // Nothing is offered twice, and what does not fit is told by its set.
  expect(await add.getByRole('option', { name: /Comic|studies/ }).count()).toBe(0)
  await card.getByRole('spinbutton', { name: 'Repeats' }).fill('0')
  await card.getByRole('spinbutton', { name: 'Repeats' }).press('Tab')
  const told = page.getByRole('button', { name: 'Comic outline · Repeats: 1 to 10,000' })
  await told.click()
  expect(await page.evaluate('document.activeElement.id')).toBe('field-sets-0-repeats')
  await page.keyboard.press('Control+A')
  await page.keyboard.type('1')
  await page.keyboard.press('Tab')
  await told.waitFor({ state: 'detached' })

  // One with settings of its own is never the first; a plain one goes up by keys, and the focus with it.
  expect(await page.getByRole('button', { name: 'Move Comic outline up' }).isDisabled()).toBe(true)
  await add.selectOption('archive')
  const up = page.getByRole('button', { name: 'Move Archive up' })
  await up.focus()
  await page.keyboard.press('Enter')
  await page.keyboard.press('Enter')
  await expect.poll(() => first.inputValue()).toBe('archive')
  await expect.poll(() => asked()?.sets?.map((one) => (one as { folder: string }).folder)).toEqual(['studies', 'comic'])
  await page.reload()
  await card.waitFor()
  await page.getByRole('button', { name: 'Take Comic outline out' }).press('Enter')
  await page.getByRole('button', { name: 'Take Ink studies out' }).press('Enter')
  await expect.poll(asked).toMatchObject({ dataset: 'archive' })
  await expect.poll(() => asked()?.sets).toBe(undefined)

  studio.answers.set('recipe.read', () => ({ form: { dataset: 'comic', sets: [{ folder: 'studies', repeats: 2 }] }, missing: [] }))
  await page.getByRole('button', { name: 'Open a recipe' }).click()
  const dialog = page.locator('dialog:modal')
  await dialog.locator('input[type=file]').setInputFiles({ name: 'ink.toml', mimeType: '', buffer: Buffer.from('recipe = 1') })
  await dialog.getByRole('button', { name: 'Fill in the form' }).click()
  await page.getByRole('listitem', { name: 'Ink studies' }).waitFor()
  studio.answers.clear()
  const [written] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save as recipe' }).click()])
  expect(written.suggestedFilename()).toBe('ink.toml')
  expect(sent('recipe.write').at(-1)?.input).toMatchObject({ form: { dataset: 'comic', sets: [{ folder: 'studies', repeats: 2 }] } })
  await page.getByRole('button', { name: 'Take Ink studies out' }).click()
  await first.selectOption('studies')
})

test('a picture that is learnt badly is shown in its set, and the recommended step is drawn with, by keys', async () => {
  const { page } = studio
  await go('train/run-comic')
  const worst = page.getByRole('region', { name: 'Learnt worst' }).getByRole('button')
  await worst.first().waitFor()
  const path = /^(.+\.png): /.exec((await worst.nth(2).getAttribute('aria-label')) ?? '')?.[1] ?? ''
  await worst.nth(2).press('Enter')
  await page.waitForURL(/#\/datasets\/comic/)
  await expect.poll(() => page.locator('[role=gridcell][aria-selected=true]').getAttribute('aria-label')).toContain(path)
  await go('train/run-comic')
  await page.getByRole('button', { name: 'Use step 400 in Generate' }).press('Enter')
  await page.waitForURL(/#\/generate/)
  expect(sent('training.keep').at(-1)?.input).toEqual({ run: 'run-comic', step: 400 })
})

test('a recipe is read, what became of it is told, and the form is filled; the form goes out as a recipe', async () => {
  const { page } = studio
  await go('train/new')
  await page.getByRole('button', { name: 'Open a recipe' }).click()
  const dialog = page.locator('dialog:modal')
  const fill = dialog.getByRole('button', { name: 'Fill in the form' })
  expect(await fill.isDisabled()).toBe(true)
  await dialog.locator('input[type=file]').setInputFiles({ name: 'ink.toml', mimeType: '', buffer: Buffer.from('recipe = 1') })
  await dialog.getByText('3 options differ here').waitFor()
  expect(await dialog.getByText('network_dims').isVisible()).toBe(true)
  await fill.click()
  await dialog.waitFor({ state: 'detached' })
  const value = (label: string) => page.getByLabel(label, { exact: true }).inputValue()
  expect([await value('Name of the style'), await value('Rank')]).toEqual(['ink', '32'])
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save as recipe' }).click()])
  expect(download.suggestedFilename()).toBe('ink.toml')
  expect(sent('recipe.write').at(-1)?.input).toMatchObject({ form: { name: 'ink', rank: 32, alpha: 16, lr: 1e-4, steps: 800 } })
})

test('an option is found by its usual name; of what differs from the preset, nothing else is shown', async () => {
  const { page } = studio
  await go('train/new')
  await page.getByLabel('Find an option').fill('max grad')
  const found = page.getByRole('spinbutton', { name: 'Clip gradients at (max grad norm)' })
  await found.fill('2')
  await page.getByLabel('Find an option').fill('batch pictures')
  await page.getByRole('button', { name: 'Batch: to the left' }).click()
  expect(await page.evaluate('document.activeElement.id')).toBe('field-batch')
  await page.getByLabel('Find an option').fill('')
  await page.getByRole('button', { name: 'Only what differs' }).click()
  expect(await page.locator('section').last().locator('.field').count()).toBe(1)
  expect(await found.inputValue()).toBe('2')
  await page.getByRole('button', { name: 'Reset to 1', exact: true }).click()
  await found.waitFor({ state: 'detached' })
})

test('the ranks of an adapter are drawn where they differ, beside it and beside its run', async () => {
  const { page } = studio
  for (const address of ['adapters/grain', 'train/run-comic']) {
    await go(address)
    const row = page.getByRole('img', { name: 'M00: 10 layers, rank 12 to 17' })
    await row.waitFor()
    expect(await row.locator('title').count()).toBe(10)
  }
  await go('adapters/black-ink')
  await page.getByRole('region', { name: 'How it acts' }).waitFor()
  expect(await page.getByRole('columnheader', { name: 'Rank' }).count()).toBe(0)
})

test('a number that does not fit is told beside its field while it is typed; nothing starts and nothing is asked of the host', async () => {
  const { page } = studio
  await go('train/new')
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
  await expect.poll(() => (sent('training.forecast').at(-1)?.input as { rank?: number } | undefined)?.rank).toBe(200)
  // Nothing typed and left is the default; what is on the way to a number stays as it is typed.
  await rank.fill('')
  await rank.blur()
  expect(await rank.inputValue()).toBe('64')
  const rate = page.getByRole('spinbutton', { name: 'Learning rate' })
  await rate.fill('')
  await rate.pressSequentially('0.0500')
  expect(await rate.inputValue()).toBe('0.0500')
})

test('the field that is wrong is found from its problem, behind another tab too; a rank that members cannot share is told as one', async () => {
  const { page } = studio
  await go('train/new')
  await page.locator('form dl').waitFor()
  await page.getByLabel('Rank', { exact: true }).fill('63')
  const told = page.getByRole('button', { name: 'Rank: a multiple of 4, which is the number of members, such as 64' })
  await told.click()
  expect(await page.evaluate('document.activeElement.id')).toBe('field-rank')
  const tab = (name: string) => page.getByRole('tab', { name })
  await tab('Network').focus()
  await page.keyboard.press('ArrowRight')
  expect(await tab('Learning').getAttribute('aria-selected')).toBe('true')
  await page.getByLabel('Weight decay').fill('-1')
  await page.keyboard.press('Tab')
  await tab('Learning, one changed').press('Home')
  await page.getByRole('button', { name: 'Weight decay: at least 0' }).click()
  expect(await page.evaluate('document.activeElement.id')).toBe('field-weightDecay')
  await page.getByRole('button', { name: 'Reset to 0.01' }).click()
  await page.getByLabel('Name of the style').fill(' ')
  await page.getByRole('button', { name: 'Name of the style: cannot be empty' }).waitFor()
  await page.keyboard.press('Control+Enter')
  expect(sent('training.start')).toEqual([])
  await page.getByLabel('Name of the style').fill('x')
  await page.getByLabel('Rank', { exact: true }).fill('64')
  await page.getByRole('button', { name: 'Start training' }).click()
  await expect.poll(() => sent('training.start').length).toBe(1)
  // It goes on to its run.
  await page.waitForURL(/#\/train\/.+/)
})

/** What the host's gate says of an input. */
async function refusal(method: string, input: unknown): Promise<never> {
  const reply = await dispatcher(answersOf(commands, {} as Parts))(method, input)
  if (reply.ok) throw new Error('The gate let it through.')
  throw reviveError(reply.error)
}

test.each([
  ['en', 'Rank: 1 to 1024; Learning rate: more than 0'],
  ['zh', '秩：1 到 1024；学习率：大于 0'],
] as const)('what the host refuses all the same is told in the words of the field (%s)', async (language, words) => {
  const other = await openFakeStudio({ language })
  try {
    const { page, answers } = other
    await page.goto(`${new URL(page.url()).origin}/#/settings`)
    answers.set('settings.set', () => refusal('training.forecast', { name: 'a', dataset: 'b', rank: 5000, lr: 0 }))
    await page.locator('main select').nth(1).selectOption('light')
    const refused = page.locator('.notices').getByRole('alert')
    await refused.waitFor()
    expect((await refused.locator('.title').textContent())?.trim()).toBe(words)
    expect(await refused.locator('dd').first().textContent()).toBe(
      'This does not fit. rank: a whole number from 1 to 1024; lr: a number above 0.',
    )
  } finally {
    await other.close()
  }
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

test('an export says who made it, under what licence, and where it goes; the next one does not show its result', async () => {
  const { page } = studio
  await go('adapters')
  await page.getByRole('button', { name: 'Export …' }).click()
  const dialog = page.getByRole('dialog')
  await page.setViewportSize({ width: 1280, height: 720 })
  const says = { 'Into the folder': '/tmp/out', 'File name': 'ink', Name: 'Ink of mine', Author: 'Mei', Licence: 'CC0-1.0' }
  for (const [label, words] of Object.entries(says)) await dialog.getByLabel(label, { exact: true }).fill(words)
  await dialog.getByText('Mei', { exact: true }).waitFor()
  await dialog.getByText(/^ink · /).waitFor()
  const asked = sent('library.exportPreview').length
  await dialog.getByLabel('File name').pressSequentially('s of mine')
  await dialog.getByLabel('File name').fill('ink')
  await dialog.getByRole('button', { name: 'Export', exact: true }).click()
  const done = dialog.getByText('Exported and read back')
  await done.waitFor()
  expect(sent('library.exportPreview')).toHaveLength(asked)
  // What became of it is in sight, however much is said above it.
  const bottom = async (): Promise<number> => ((await done.boundingBox())?.y ?? NaN) + ((await done.boundingBox())?.height ?? NaN)
  await expect.poll(async () => (await bottom()) <= ((await dialog.locator('.foot').boundingBox())?.y ?? NaN)).toBe(true)
  expect(sent('library.export').at(-1)?.input).toMatchObject({
    folder: '/tmp/out',
    fileName: 'ink',
    title: 'Ink of mine',
    author: 'Mei',
    licence: 'CC0-1.0',
  })
  await dialog.getByRole('combobox').first().selectOption('diffusers')
  await done.waitFor({ state: 'detached' })
  // The author is the same the next time.
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Export …' }).click()
  expect(await dialog.getByLabel('Author', { exact: true }).inputValue()).toBe('Mei')
})

test('a VAE is chosen from the host’s files, which sends nothing; the next picture is asked for with it', async () => {
  const { page } = studio
  await go('generate')
  await page.locator('form details summary').last().click()
  const before = sent('generate.enqueue').length
  await page.locator('#field-vae ~ button').click()
  const dialog = page.locator('dialog:modal')
  await dialog.locator('.places button').first().waitFor()
  await dialog.locator('input').first().fill('/models/other.vae.safetensors')
  await dialog.locator('input').first().press('Enter')
  await dialog.waitFor({ state: 'detached' })
  expect([await page.locator('#field-vae').inputValue(), sent('generate.enqueue').length]).toEqual([
    '/models/other.vae.safetensors',
    before,
  ])
  await page.locator('form button[type=submit]').click()
  await expect.poll(() => sent('generate.enqueue').at(-1)?.input).toMatchObject({ form: { vae: '/models/other.vae.safetensors' } })
})
