// What screens hold: solo and mute, edits that outlive the page and can be taken back, and what is gone since it was chosen.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { PigmentError } from '../../engine/requests/error.ts'
import type { DatasetSummary } from '../../main/api/methods/datasets.ts'
import type { GenerateForm } from '../../main/api/methods/generate.ts'
import type { JobSummary } from '../../main/api/methods/jobs.ts'
import type { AdapterCard } from '../../main/api/methods/library.ts'
import type { ModelCard } from '../../main/api/methods/models.ts'
import { openFakeStudio, type FakeStudio } from './testing-fake-studio.ts'
import { browserMissing } from './testing-studio.ts'

const missing = browserMissing()
let studio: FakeStudio
beforeAll(async () => {
  if (!missing) studio = await openFakeStudio()
})
afterAll(() => studio?.close())
beforeEach((context) => {
  if (missing) return context.skip(missing)
  studio.answers.clear()
})

const page = () => studio.page
async function go(address: string): Promise<void> {
  await page().goto(`${new URL(page().url()).origin}/#/${address}`)
  await page().reload()
  await page().locator('main h1').first().waitFor()
}
const to = (name: string) => page().getByRole('navigation').getByRole('link', { name, exact: true }).click()
const inputs = (method: string): unknown[] => studio.calls.filter((call) => call.method === method).map(({ input }) => input)
const button = (name: string) => page().getByRole('button', { name, exact: true })
const pressed = async (name: string): Promise<boolean> => (await button(name).getAttribute('aria-pressed')) === 'true'
const add = (label: string) => page().getByLabel('Add an adapter').selectOption({ label })
const numberField = (name: string) => page().getByRole('spinbutton', { name, exact: true })
/** What a picture is asked for by, and which adapters sound. */
async function asked(): Promise<GenerateForm> {
  const before = inputs('generate.enqueue').length
  await button('Generate').click()
  await expect.poll(() => inputs('generate.enqueue').length).toBe(before + 1)
  return (inputs('generate.enqueue').at(-1) as { form: GenerateForm }).form
}
const sounding = async (): Promise<string[]> => ((await asked()).stack ?? []).flatMap(({ adapter, enabled }) => (enabled ? adapter : []))
const cards = () => page().getByRole('alert').count()
const chosenIn = (label: string) =>
  page()
    .getByRole('combobox', { name: label, exact: true })
    .evaluate((select) => (select as unknown as { selectedOptions: { textContent: string }[] }).selectedOptions[0]?.textContent ?? '')
const remembered = (screen: string) =>
  expect.poll(() => inputs('settings.set').filter((one) => (one as { remembered?: Record<string, string> }).remembered?.[screen]).length)

test('solo leaves mutes as they are, and muting one of two is nobody’s solo', async () => {
  await go('generate')
  await add('Black ink')
  await add('Comic outline')
  await button('Mute Comic outline').click()
  expect(await Promise.all(['Solo Black ink', 'Solo Comic outline'].map(pressed))).toEqual([false, false])
  expect(await sounding()).toEqual(['black-ink'])
  await button('Solo Comic outline').click()
  expect(await Promise.all(['Mute Black ink', 'Mute Comic outline', 'Solo Comic outline'].map(pressed))).toEqual([false, true, true])
  expect(await sounding()).toEqual(['comic-outline'])
  await button('Solo Black ink').click()
  expect(await sounding()).toEqual(['black-ink'])
  await button('Solo Black ink').click()
  expect(await Promise.all(['Mute Black ink', 'Mute Comic outline'].map(pressed))).toEqual([false, true])
  expect(await sounding()).toEqual(['black-ink'])
  await button('Solo Comic outline').click()
  await button('Take Comic outline off the stack').click()
  expect(await sounding()).toEqual(['black-ink'])
  await button('Take Black ink off the stack').click()
})

test('recalling with several models keeps one in sight, and a model or adapter that is gone is not asked for', async () => {
  await go('generate')
  const recall = (model?: string) => {
    const form = { prompt: `drawn by ${model}`, stack: [{ adapter: 'black-ink', weight: 1, enabled: true }], ...(model ? { model } : {}) }
    studio.answers.set('generate.recall', () => ({ form, missing: [], text: '' }))
  }
  for (const [model, title] of [
    ['embedded', 'Pigment embedded'],
    ['sdxl', 'juniper-xl-v4'],
    ['gone', 'Pigment embedded'],
    [undefined, 'Pigment embedded'],
  ] as const) {
    recall(model)
    await button('Recall settings').click()
    await expect.poll(() => page().getByLabel('Prompt', { exact: true }).inputValue()).toBe(`drawn by ${model}`)
    expect([model, await chosenIn('Base model')]).toEqual([model, title])
    expect((await asked()).model).toBe(model === 'sdxl' ? 'sdxl' : undefined)
  }

  // Both go while they are chosen.
  recall('sdxl')
  await button('Recall settings').click()
  await expect.poll(() => chosenIn('Base model')).toBe('juniper-xl-v4')
  const [models, adapters] = await Promise.all([listed<ModelCard>('models.list'), listed<AdapterCard>('library.list')])
  studio.answers.set('models.list', () => models.filter(({ id }) => id !== 'sdxl'))
  studio.announce('models', { id: 'sdxl', removed: true })
  await expect.poll(() => chosenIn('Base model')).toBe('Pigment embedded')
  studio.announce('library', { adapter: adapters[0] as AdapterCard, removed: true })
  await page().getByText('Not in the library any more').waitFor()
  const { model, stack } = await asked()
  expect([model, stack]).toEqual([undefined, []])
  // It comes back from the trash, with the place and the weight that it had.
  studio.announce('library', { adapter: adapters[0] as AdapterCard })
  expect(await sounding()).toEqual(['black-ink'])
  expect(await cards()).toBe(0)
})

/** What the host lists: asked of it as the page does. */
async function listed<Item>(method: string): Promise<Item[]> {
  const path = `/call/${method}`
  const text = await page().evaluate<string>(
    `fetch(${JSON.stringify(path)}, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }).then((answer) => answer.text())`,
  )
  return (JSON.parse(text) as { value: Item[] }).value
}

test('what is edited in Generate and Train is there after a reload', async () => {
  await go('generate')
  await page().getByLabel('Prompt', { exact: true }).fill('a fox in the rain')
  await page().getByLabel('Negative prompt').fill('photo')
  await numberField('Width').fill('96')
  await numberField('Steps').fill('33')
  await numberField('Pictures').fill('3')
  await add('Comic outline')
  await button('Solo Comic outline').click()
  const form = async () => ({
    texts: await Promise.all(['Prompt', 'Negative prompt'].map((name) => page().getByLabel(name, { exact: true }).inputValue())),
    numbers: await Promise.all(['Width', 'Steps', 'Pictures', 'Seed'].map((name) => numberField(name).inputValue())),
    solo: await pressed('Solo Comic outline'),
  })
  const before = await form()
  // At once: the page goes before anything was drawn.
  await page().reload()
  await button('Solo Comic outline').waitFor()
  expect(await form()).toEqual(before)

  // One runs: it is shown, until another is to be set up.
  await to('Train')
  await button('New run').click()
  await page().locator('form dl').waitFor()
  await page()
    .getByRole('radio', { name: /Quick look/ })
    .check()
  await page().getByLabel('Rank', { exact: true }).fill('12')
  await page().getByRole('combobox', { name: 'Pictures', exact: true }).selectOption('comic')
  await page().getByLabel('Name of the style').fill('Mine')
  await page().reload()
  await page().locator('form dl').waitFor()
  expect(
    await page()
      .getByRole('radio', { name: /Quick look/ })
      .isChecked(),
  ).toBe(true)
  expect(await chosenIn('Pictures')).toMatch(/^Comic outline/)
  expect(await Promise.all(['Rank', 'Name of the style'].map((name) => page().getByLabel(name, { exact: true }).inputValue()))).toEqual([
    '12',
    'Mine',
  ])
})

test('a form that another version wrote down does not keep the screens shut', async () => {
  const settings = (await listed<never>('settings.get')) as unknown as { remembered: Record<string, string> }
  for (const text of ['{', '{"stack":7,"prompt":null}']) {
    studio.answers.set('settings.get', () => ({ ...settings, remembered: { generate: text, train: text } }))
    for (const screen of ['generate', 'train']) {
      await go(screen === 'train' ? 'train/new' : screen)
      await page()
        .locator(screen === 'train' ? 'form dl' : '.stage img')
        .first()
        .waitFor()
      expect([text, screen, await cards()]).toEqual([text, screen, 0])
    }
  }
})

test('Ctrl+Z takes back edits, a recalled form and a deleted picture, one after another, and Ctrl+Shift+Z does them again', async () => {
  await go('generate')
  await page().getByLabel('Prompt', { exact: true }).fill('first')
  await numberField('Width').fill('128')
  await numberField('Width').press('Tab')
  await remembered('generate').toBeGreaterThan(0)
  await page().waitForTimeout(700)
  const state = async () => [await page().getByLabel('Prompt', { exact: true }).inputValue(), await numberField('Width').inputValue()]
  expect(await state()).toEqual(['first', '128'])
  await numberField('Width').fill('192')
  await numberField('Width').press('Tab')
  await page().waitForTimeout(700)
  studio.answers.set('generate.recall', () => ({ form: { prompt: 'recalled', width: 64, height: 64, stack: [] }, missing: [], text: '' }))
  await button('Recall settings').click()
  await expect.poll(state).toEqual(['recalled', '64'])
  const gallery = page().getByRole('list', { name: 'Gallery' }).getByRole('button')
  await gallery.nth(1).click()
  // Taken back before the host has answered.
  let answered = (): void => undefined
  studio.answers.set('gallery.remove', () => new Promise((done) => (answered = () => done({ undo: 'u2' }))))
  await page().keyboard.press('Delete')
  await expect.poll(() => inputs('gallery.remove').length).toBe(1)
  const back = () => page().keyboard.press('Control+z')
  await back()
  answered()
  await expect.poll(() => inputs('gallery.restore')).toEqual([{ undo: 'u2' }])
  await back()
  await expect.poll(state).toEqual(['first', '192'])
  await back()
  await expect.poll(state).toEqual(['first', '128'])
  await page().keyboard.press('Control+Shift+z')
  await expect.poll(state).toEqual(['first', '192'])
  await page().keyboard.press('Control+Shift+z')
  await expect.poll(state).toEqual(['recalled', '64'])
  // A text takes back its own letters.
  const prompt = page().getByLabel('Prompt', { exact: true })
  await prompt.focus()
  await page().keyboard.press('End')
  await page().keyboard.type('!')
  await page().keyboard.press('Control+z')
  await expect.poll(() => prompt.inputValue()).toBe('recalled')
})

test('a set, a run or an adapter that is gone gives way to one that is there, without a card', async () => {
  const sets = await listed<DatasetSummary>('datasets.list')
  await go('train/new:studies')
  await expect.poll(() => chosenIn('Pictures')).toBe('Ink studies (84)')
  await expect.poll(() => page().getByLabel('Name of the style').inputValue()).toBe('Ink studies')
  const gone = new PigmentError('dataset-unknown', 'This data set is not in the list any more.', {})
  const without = sets.filter(({ id }) => id !== 'studies')
  studio.answers.set('datasets.list', () => without)
  for (const method of ['datasets.items', 'training.forecast'])
    studio.answers.set(method, (input) => {
      if ((input as { dataset: string }).dataset === 'studies') throw gone
      return method === 'datasets.items' ? { total: 0, offset: 0, items: [] } : undefined
    })
  studio.announce('datasets', { dataset: sets.find(({ id }) => id === 'studies') as DatasetSummary, items: 'all', removed: true })
  await expect.poll(() => chosenIn('Pictures')).not.toContain('Ink studies')
  await expect.poll(() => page().getByLabel('Name of the style').inputValue()).toBe(without[0]?.name)
  for (const address of ['train/new:studies', 'datasets/studies', 'datasets/%E0%A4']) {
    await go(address)
    await page().waitForTimeout(600)
    expect([address, await cards()]).toEqual([address, 0])
  }
  expect(await page().locator('main h1').textContent()).toBe(without[0]?.name)
  studio.answers.clear()

  studio.answers.set('training.run', () => {
    throw new PigmentError('job-unknown', 'This job is not in the list any more.', {})
  })
  studio.answers.set('training.runs', () => [])
  await page().goto(`${new URL(page().url()).origin}/#/train/cleared`)
  await page().locator('form dl').waitFor()
  await expect.poll(() => page().url()).not.toContain('cleared')
  expect(await cards()).toBe(0)

  studio.answers.clear()
  await go('adapters/gone')
  await page().getByRole('complementary', { name: 'Black ink' }).waitFor()
  expect(await cards()).toBe(0)
})

test('a run has one loud button in each state, the right one; what a paused one has learnt until then is drawn with', async () => {
  await go('train/run-ink')
  const loud = () => page().locator('.run .actions .primary')
  await loud().waitFor()
  const all = await listed<JobSummary>('jobs.list')
  const job = all.find(({ id }) => id === 'run-ink') as JobSummary
  const draw = page().locator('.run .actions').getByRole('button', { name: 'Draw with it' })
  for (const [state, words, draws] of [
    ['queued', 'Pause', true],
    ['running', 'Pause', false],
    ['pausing', 'Pausing', false],
    ['interrupted', 'Resume', false],
    ['cancelling', 'Stopping', false],
    ['cancelled', 'Resume', false],
    ['failed', 'Resume', false],
    ['done', 'Use it in Generate', false],
    ['paused', 'Resume', true],
  ] as const) {
    const now = { ...job, state, place: state === 'queued' ? 0 : null, ...(state === 'paused' ? { loaded: true } : {}) }
    studio.answers.set('jobs.list', () => all.map((one) => (one.id === job.id ? now : one)))
    studio.announce('jobs', { job: now })
    await expect.poll(async () => [state, ...(await loud().allTextContents()), await draw.count()]).toEqual([state, words, draws ? 1 : 0])
  }
  await page()
    .getByText(/Paused · Step .* · model stays loaded/)
    .waitFor()
  await draw.press('Enter')
  await page().waitForURL(/#\/generate/)
  expect(inputs('training.paused')).toEqual([{ run: 'run-ink' }])
})

test('what is being typed is saved when its screen goes by a key', async () => {
  await go('adapters/black-ink')
  await page().getByRole('textbox', { name: 'Notes' }).fill('Written and left by a key.')
  await page().keyboard.press('Control+1')
  await expect.poll(() => inputs('library.update').at(-1)).toEqual({ adapter: 'black-ink', notes: 'Written and left by a key.' })
  // Nothing typed, nothing saved.
  const before = inputs('library.update').length
  await to('Adapters')
  await page().getByRole('textbox', { name: 'Notes' }).focus()
  await page().keyboard.press('Control+1')
  await page().waitForTimeout(200)
  expect(inputs('library.update')).toHaveLength(before)
})

test('a link that was used before tells one thing, also after a reload, and the page that used it goes on', async () => {
  const context = await page().context().browser()?.newContext()
  const stranger = await context?.newPage()
  if (!context || !stranger) throw new Error('No second browser window.')
  try {
    await stranger.goto(studio.link)
    for (const _ of [1, 2]) {
      await stranger.getByRole('alert').waitFor()
      await stranger.waitForTimeout(500)
      const told = [
        await stranger.getByRole('alert').count(),
        await stranger.locator('.notices > *').count(),
        await stranger.getByRole('main').innerText(),
      ]
      expect(told).toEqual([1, 0, await stranger.getByRole('alert').innerText()])
      await stranger.reload()
    }
  } finally {
    await context.close()
  }
  await page().goto(studio.link)
  await page().reload()
  await page().locator('main h1').first().waitFor()
  expect(await cards()).toBe(0)
})
