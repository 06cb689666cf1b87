// Drawing in the studio: adapters dropped and stacked, settings recalled, a grid, the queue.
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, expect, test } from 'vitest'
import { readPngText } from '../../engine/images/formats/png-text.ts'
import { writeRandomAdapter } from './testing-random-adapter.ts'
import { dropFiles } from './testing-studio.ts'
import { patient, useStudio } from './testing-use-studio.ts'

let folder: string
const studio = useStudio(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pigment-drawing-'))
  for (const [i, name] of ['ink', 'comic'].entries()) await writeRandomAdapter(folder, name, { seed: i + 1 })
  return {}
})
afterAll(async () => {
  if (folder) await rm(folder, { recursive: true, force: true })
})

const stack = () => studio().page.getByRole('region', { name: 'Adapter stack' })
const order = () => stack().locator('article .name p:first-child').allTextContents()
const weight = (name: string) => studio().page.getByRole('spinbutton', { name: `Weight of ${name}` })
const number = (name: string) => studio().page.getByRole('spinbutton', { name, exact: true })
const prompt = () => studio().page.getByLabel('Prompt', { exact: true })
const negative = () => studio().page.getByRole('textbox', { name: 'Negative prompt' })
const press = (name: string) => studio().page.getByRole('button', { name, exact: true }).click()
const muted = async (name: string): Promise<boolean> =>
  (await studio()
    .page.getByRole('button', { name: `Mute ${name}` })
    .getAttribute('aria-pressed')) === 'true'

/** Everything that a picture is asked for by. */
const asked = async () => ({
  prompt: await prompt().inputValue(),
  negative: await negative().inputValue(),
  sampler: await studio().page.getByRole('combobox', { name: 'Sampler' }).inputValue(),
  numbers: await Promise.all(
    ['Width', 'Height', 'Steps', 'Guidance', 'Seed', 'Adapter guidance', 'Guided share'].map((name) => number(name).inputValue()),
  ),
  order: await order(),
  weights: await Promise.all((await order()).map((name) => weight(name).inputValue())),
  muted: await Promise.all((await order()).map(muted)),
})
/** Asks for a picture of each prompt, which wait in this order. */
async function enqueue(...prompts: readonly string[]): Promise<void> {
  for (const [i, text] of prompts.entries()) {
    await prompt().fill(text)
    await press('Generate')
    await studio()
      .page.getByText(i === 0 ? 'one job waiting' : `${i + 1} jobs waiting`)
      .waitFor()
  }
}
const pngs = async (): Promise<string[]> =>
  (await readdir(join(studio().home, 'gallery'), { recursive: true })).filter((name) => name.endsWith('.png'))

test('dropped adapters are stacked, weighed, muted, soloed and reordered', async () => {
  const { page } = studio()
  await dropFiles(page, [join(folder, 'ink.safetensors'), join(folder, 'comic.safetensors')])
  await page.getByRole('link', { name: /^ink/ }).waitFor(patient)
  await page.getByRole('link', { name: /^comic/ }).waitFor(patient)
  await page.getByRole('link', { name: 'Generate' }).click()
  const add = page.getByLabel('Add an adapter')
  // The embedded model's guidance changes with the first adapter and back, but for one that a person chose.
  const guidance = () => number('Guidance').inputValue()
  await expect.poll(guidance).toBe('2')
  await add.selectOption({ label: 'ink' })
  const apart = () => Promise.all(['Guidance', 'Adapter guidance', 'Guided share'].map((name) => number(name).inputValue()))
  expect(await apart()).toEqual(['4', '3.25', '1'])
  await page.getByText('guidance 2, adapter guidance 0 → guidance 4, adapter guidance 3.25').waitFor()
  await press('Take ink off the stack')
  expect(await guidance()).toBe('2')
  await number('Guidance').fill('3')
  await add.selectOption({ label: 'ink' })
  expect(await apart()).toEqual(['3', '0', '1'])
  await add.selectOption({ label: 'comic' })
  expect(await order()).toEqual(['ink', 'comic'])
  await press('Move comic up')
  expect(await order()).toEqual(['comic', 'ink'])
  // By keys alone: the focus goes with the card, and at an end to the way back.
  await page.keyboard.press('Enter')
  expect(await order()).toEqual(['ink', 'comic'])
  await page.keyboard.press('Enter')
  expect(await order()).toEqual(['comic', 'ink'])
  // The grip does the same, by its arrows and by dragging; folded, a card is one line.
  const grip = (name: string) => page.getByRole('button', { name: `Drag ${name}, or move it by the arrow keys` })
  await grip('comic').press('ArrowDown')
  expect(await order()).toEqual(['ink', 'comic'])
  await page.getByRole('status').filter({ hasText: 'comic is now number 2 of 2' }).waitFor({ state: 'attached' })
  await grip('comic').dragTo(stack().locator('article').first(), { targetPosition: { x: 120, y: 3 } })
  await expect.poll(order).toEqual(['comic', 'ink'])
  await press('Show all of ink')
  await expect.poll(() => weight('ink').count()).toBe(0)
  await press('Show all of ink')
  await weight('ink').fill('0.65')
  await weight('comic').fill('-0.5')
  await press('Mute ink')
  expect([await muted('comic'), await muted('ink')]).toEqual([false, true])
  // Solo is a state of its own: mutes stay as they are.
  await press('Solo ink')
  expect([await muted('comic'), await muted('ink')]).toEqual([false, true])
  await press('Solo ink')
  await press('Mute ink')
  expect([await muted('comic'), await muted('ink')]).toEqual([false, false])
  await press('Mute comic')

  await prompt().fill('emoji of (rocket:1.3) <lora:comic:0.8>')
  await negative().fill('photo')
  await number('Steps').fill('6')
  await number('Guidance').fill('4')
  await number('Seed').fill('4321')
  await number('Adapter guidance').fill('2.5')
  await number('Guided share').fill('0.5')
  const before = await asked()
  await press('Generate')
  const picture = page.getByRole('img', { name: /emoji of \(rocket:1\.3\).*seed 4321/ }).first()
  await picture.waitFor(patient)
  expect(before.numbers).toEqual(['64', '64', '6', '4', '4321', '2.5', '0.5'])
  const files = await pngs()
  expect(files).toHaveLength(1)
  const texts = readPngText(await readFile(join(studio().home, 'gallery', files[0] ?? '')), 'picture.png')
  // The one that is muted takes no part; the one that the prompt mentions does.
  expect(texts.find(({ keyword }) => keyword === 'parameters')?.text).toContain(
    'Lora weights: "ink: 0.65, comic: 0.8", Adapter guidance: 2.5, Guidance stop: 0.5',
  )
})

test('a PEFT folder dropped on any screen comes into the library and is stacked', async () => {
  const { page, home } = studio()
  const peft = await writeRandomAdapter(folder, 'moss', { seed: 3, format: 'peft' })
  await writeFile(join(peft, 'README.md'), '# moss')
  await dropFiles(page, [peft])
  await page.getByRole('link', { name: /^moss/ }).waitFor(patient)
  await page.getByRole('complementary', { name: 'moss' }).getByText('PEFT').first().waitFor()
  expect((await readdir(join(home, 'library', 'moss'))).toSorted()).toEqual(['adapter_config.json', 'adapter_model.safetensors'])
  await press('Add to the stack')
  await expect.poll(order).toContain('moss')
  await press('Take moss off the stack')
})

test('a picture recalls its settings from the gallery, and from its file when that is dropped', async () => {
  const { page, home } = studio()
  const wanted = {
    prompt: 'emoji of (rocket:1.3) <lora:comic:0.8>',
    negative: 'photo',
    numbers: ['64', '64', '6', '4', '4321', '2.5', '0.5'],
    order: ['comic', 'ink'],
    weights: ['-0.5', '0.65'],
    muted: [true, false],
  }
  const change = async (): Promise<void> => {
    await prompt().fill('something else')
    await negative().fill('')
    for (const [name, value] of Object.entries({
      Width: '32',
      Height: '96',
      Steps: '11',
      Guidance: '9',
      Seed: '1',
      'Adapter guidance': '0',
      'Guided share': '1',
    }))
      await number(name).fill(value)
    await page.getByRole('combobox', { name: 'Sampler' }).selectOption({ index: 2 })
    await press('Take ink off the stack')
    await press('Mute comic')
  }
  const { sampler } = await asked()
  const recalled = async (): Promise<void> => {
    await expect.poll(() => prompt().inputValue(), patient).toBe(wanted.prompt)
    expect(await asked()).toEqual({ ...wanted, sampler })
  }
  await change()
  await press('Recall settings')
  await recalled()
  await change()
  await dropFiles(page, [join(home, 'gallery', (await pngs())[0] ?? '')])
  await recalled()
})

test('a sampler’s own options stand under it, are asked for where they are not usual, and go with it', async () => {
  const { page } = studio()
  const sampler = page.getByRole('combobox', { name: 'Sampler' })
  const churn = number('Churn')
  await sampler.selectOption('euler')
  expect(await number('Fresh noise (η)').count()).toBe(0)
  await sampler.selectOption('heun')
  expect(await churn.inputValue()).toBe('0')
  await churn.fill('900')
  await page.getByText('Churn: 0 to 100').waitFor()
  await churn.fill('2.5')
  await prompt().fill('a fox with churn')
  const before = (await pngs()).length
  await press('Generate')
  await expect.poll(async () => (await pngs()).length, patient).toBe(before + 1)
  const texts = await Promise.all(
    (await pngs()).map(async (name) => readPngText(await readFile(join(studio().home, 'gallery', name)), name)),
  )
  const form = texts
    .map((text) => text.find(({ keyword }) => keyword === 'pigment')?.text ?? '')
    .find((text) => text.includes('with churn'))
  expect(form).toContain('"samplerOptions":{"s_churn":2.5}')
  await sampler.selectOption('ddim')
  expect(await churn.count()).toBe(0)
  expect(await number('Fresh noise (η)').inputValue()).toBe('0')
})

test('numbers that do not fit become the nearest that do, also when a shortcut comes first', async () => {
  const { page } = studio()
  const before = await asked()
  for (const [name, typed, fits] of [
    ['Width', '70', '72'],
    ['Steps', '4000', '1000'],
    ['Guidance', '999', '100'],
    ['Seed', '-3', '0'],
    ['Pictures', '', '1'],
  ] as const) {
    await number(name).fill(typed)
    await number(name).press('Tab')
    expect([name, await number(name).inputValue()]).toEqual([name, fits])
  }
  const [width = '', height = '', steps = '', guidance = '', seed = ''] = before.numbers
  for (const [name, value] of Object.entries({ Width: width, Height: height, Guidance: guidance, Seed: seed }))
    await number(name).fill(value)
  await number('Steps').fill('0')
  await number('Steps').press('Control+Enter')
  await page.getByText(/DDIM.* · 1 step/).waitFor(patient)
  await number('Steps').fill(steps)
})

/** Of a grid of two by two: its sheet, beside which each cell is a picture of its own. */
async function sheetAfter(before: readonly string[]): Promise<string> {
  await expect.poll(async () => (await pngs()).length, patient).toBe(before.length + 5)
  const made = (await pngs()).filter((one) => !before.includes(one))
  const sizes = await Promise.all(made.map(async (name) => sharp(await readFile(join(studio().home, 'gallery', name))).metadata()))
  return made[sizes.findIndex(({ width }) => width > 64)] ?? ''
}

/** What a sheet says of its making in our own words, beside those of other programs. */
const sheetForm = (file: Buffer): unknown =>
  JSON.parse(readPngText(file, 'sheet.png').find(({ keyword }) => keyword === 'pigment')?.text ?? '')

test('a grid over weights and steps becomes one labelled sheet', async () => {
  const { page, home } = studio()
  await press('X/Y grid …')
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Across').selectOption({ label: 'Weight of an adapter' })
  await dialog.getByLabel('Adapter', { exact: true }).selectOption({ label: 'ink' })
  await dialog.getByLabel('Values').first().fill('0, 1')
  await dialog.getByLabel('Down').selectOption({ label: 'Steps' })
  await dialog.getByLabel('Values').last().fill('2, x')
  const make = dialog.getByRole('button', { name: 'Make the grid' })
  expect(await make.isDisabled()).toBe(true)
  await dialog.getByLabel('Values').last().fill('2, 4')
  await dialog.getByText('4 pictures').waitFor()
  const before = await pngs()
  await make.click()
  await dialog.waitFor({ state: 'detached' })
  const name = await sheetAfter(before)
  const sheet = sharp(await readFile(join(home, 'gallery', name)))
  // Two columns and two rows of 64 px, and room for their labels; in that room something is written.
  const { width, height } = await sheet.metadata()
  expect([width > 128, height > 128]).toEqual([true, true])
  const { channels } = await sheet.extract({ left: 0, top: 0, width, height: height - 128 }).stats()
  expect(channels[0]?.stdev).toBeGreaterThan(5)
  // It is shown, and its texts tell the axes.
  const shown = page.locator('figure').getByRole('img', { name: /^Picture for/ })
  await expect
    .poll(() => shown.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth).catch(() => 0), patient)
    .toBe(width)
  expect(sheetForm(await readFile(join(home, 'gallery', name)))).toMatchObject({
    x: { kind: 'weight', values: [0, 1] },
    y: { kind: 'steps', values: [2, 4] },
  })
})

test('a grid over adapters and seeds draws four different pictures', async () => {
  const { page, home } = studio()
  await press('X/Y grid …')
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Across').selectOption({ label: 'Adapter' })
  const make = dialog.getByRole('button', { name: 'Make the grid' })
  expect(await make.isDisabled()).toBe(true)
  for (const name of ['ink', 'comic']) await dialog.getByRole('checkbox', { name, exact: true }).check()
  await dialog.getByLabel('Down').selectOption({ label: 'Seed' })
  await dialog.getByLabel('Values').fill('5, 6')
  await dialog.getByText('4 pictures').waitFor()
  const before = await pngs()
  await make.click()
  const name = await sheetAfter(before)
  const file = await readFile(join(home, 'gallery', name))
  const { x, y } = sheetForm(file) as Record<'x' | 'y', { kind: string; values: unknown[] }>
  expect([x.kind, x.values.length, y.kind, y.values]).toEqual(['adapter', 2, 'seed', [5, 6]])
  // The pictures stand in the lower right corner; each pair of them differs, along both axes.
  const { width, height } = await sharp(file).metadata()
  const [side, zoom] = [64, Math.round(160 / 64)]
  const corner = (column: number, row: number): Promise<Buffer> =>
    sharp(file)
      .extract({
        left: width - 40 - side - column * (side * zoom + 12),
        top: height - 40 - side - row * (side * zoom + 12),
        width: side,
        height: side,
      })
      .raw()
      .toBuffer()
  const cells = await Promise.all([corner(0, 0), corner(1, 0), corner(0, 1), corner(1, 1)])
  for (const [i, cell] of cells.entries()) for (const other of cells.slice(i + 1)) expect(Buffer.compare(cell, other)).not.toBe(0)
})

test('a picture is seen while it is drawn, unless a person wants it otherwise', async () => {
  const { page } = studio()
  for (const [name, value] of Object.entries({ Width: '128', Height: '128', Steps: '100', Seed: '77' })) await number(name).fill(value)
  // The grid before is on disk, but the page may not have heard of its end.
  await page.getByText('Nothing is running').waitFor()
  await press('Generate')
  const preview = page.getByRole('img', { name: 'The picture so far' })
  await preview.waitFor(patient)
  const seen = async (): Promise<string> => (await preview.getAttribute('src').catch(() => '')) ?? ''
  const bar = page.getByRole('progressbar', { name: 'The picture so far' })
  const first = { source: await seen(), step: Number(await bar.getAttribute('value')) }
  await expect
    .poll(() => preview.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth), patient)
    .toBeGreaterThan(0)
  await expect.poll(seen, patient).not.toBe(first.source)
  expect(Number(await bar.getAttribute('value'))).toBeGreaterThan(first.step)
  expect(await bar.getAttribute('max')).toBe('100')
  // It gives way to the picture before, when it is stopped half way.
  const before = await pngs()
  await page.locator('.stage').getByRole('button', { name: 'Stop' }).click()
  await preview.waitFor({ state: 'detached', ...patient })
  expect(await pngs()).toEqual(before)

  await page.getByRole('navigation').getByRole('link', { name: 'Settings' }).click()
  await page.getByLabel('Show pictures while they are sampled').uncheck()
  await page.getByRole('navigation').getByRole('link', { name: 'Generate' }).click()
  for (const [name, value] of Object.entries({ Width: '64', Height: '64', Steps: '20', Seed: '78' })) await number(name).fill(value)
  let previews = 0
  await page.exposeFunction('countPreview', () => void previews++)
  await page.evaluate(
    `new MutationObserver(() => document.querySelector('img[alt="The picture so far"]') && countPreview()).observe(document.body, { childList: true, subtree: true })`,
  )
  await press('Generate')
  await page
    .getByRole('img', { name: /seed 78/ })
    .first()
    .waitFor(patient)
  expect(previews).toBe(0)
})

test('of two jobs in the queue one is called off, the other is made', async () => {
  const { page } = studio()
  const to = (name: string) => page.getByRole('navigation').getByRole('link', { name }).click()
  await to('Jobs')
  await press('Hold the queue')
  await page.getByRole('button', { name: 'Let the queue go on' }).waitFor()
  await to('Generate')
  await enqueue('kept', 'called off')
  await to('Jobs')
  const job = (name: string) => page.getByRole('listitem').filter({ has: page.getByText(name, { exact: true }) })
  await job('called off').getByRole('button', { name: 'Stop' }).click()
  await job('called off').getByText('Stopped').waitFor(patient)
  await press('Let the queue go on')
  await job('kept').getByText('Done').waitFor(patient)
  await to('Generate')
  await page
    .getByRole('button', { name: /“kept”/ })
    .first()
    .waitFor(patient)
  expect(await page.getByRole('button', { name: /“called off”/ }).count()).toBe(0)
})

test('waiting jobs change their order by buttons, by keys and by dragging, and run in it', async () => {
  const { page, home } = studio()
  const to = (name: string) => page.getByRole('navigation').getByRole('link', { name }).click()
  await to('Jobs')
  await press('Hold the queue')
  await page.getByRole('button', { name: 'Let the queue go on' }).waitFor()
  await to('Generate')
  await enqueue('one', 'two', 'three')
  await to('Jobs')
  const job = (name: string) => page.getByRole('listitem').filter({ has: page.getByText(name, { exact: true }) })
  const titles = async (): Promise<string[]> => (await page.locator('main li .title').allTextContents()).slice(0, 3)
  await expect.poll(titles).toEqual(['one', 'two', 'three'])
  expect(await job('one').getByRole('button', { name: 'Earlier' }).isDisabled()).toBe(true)
  expect(await job('three').getByRole('button', { name: 'Later' }).isDisabled()).toBe(true)

  // By keys alone: the focus goes with the row, and at the end to the way back.
  await job('one').getByRole('button', { name: 'Later' }).focus()
  await page.keyboard.press('Enter')
  await expect.poll(titles).toEqual(['two', 'one', 'three'])
  await page.getByRole('status').filter({ hasText: 'one is now number 2 of 3' }).waitFor({ state: 'attached' })
  await page.keyboard.press('Enter')
  await expect.poll(titles).toEqual(['two', 'three', 'one'])
  await expect.poll(() => page.evaluate<string>('document.activeElement?.getAttribute("aria-label")')).toBe('Earlier')
  await page.keyboard.press('Enter')
  await expect.poll(titles).toEqual(['two', 'one', 'three'])

  await job('three')
    .locator('.grip')
    .dragTo(job('two'), { targetPosition: { x: 200, y: 4 } })
  await expect.poll(titles).toEqual(['three', 'two', 'one'])
  await job('three')
    .locator('.grip')
    .dragTo(job('two'), { targetPosition: { x: 200, y: 56 } })
  await expect.poll(titles).toEqual(['two', 'three', 'one'])
  // Another page of the same studio sees that order too.
  await page.reload()
  await expect.poll(titles, patient).toEqual(['two', 'three', 'one'])

  await press('Let the queue go on')
  await job('one').getByText('Done').waitFor(patient)
  // What ended last stands first.
  await expect.poll(titles).toEqual(['one', 'three', 'two'])
  const log = job('one').getByRole('log')
  await job('one').getByRole('button', { name: 'Log' }).click()
  await log.getByText('Started: one').waitFor()
  await log.getByText('Done.').waitFor()
  const made = await Promise.all(
    (await pngs()).map(async (name) => ({
      at: (await stat(join(home, 'gallery', name))).mtimeMs,
      text: readPngText(await readFile(join(home, 'gallery', name)), name)
        .map(({ text }) => text)
        .join(),
    })),
  )
  const ours = made.flatMap(
    ({ at, text }) =>
      /"prompt":"(one|two|three)"/
        .exec(text)
        ?.slice(1)
        .map((name) => ({ at, name })) ?? [],
  )
  expect(ours.toSorted((a, b) => a.at - b.at).map(({ name }) => name)).toEqual(['two', 'three', 'one'])
  await to('Generate')
})

test('a picture gets a star, is found by it, goes to the trash and comes back, and is saved', async () => {
  const { page } = studio()
  const wait = { timeout: 60_000 }
  const gallery = page.getByRole('list', { name: 'Gallery' }).getByRole('button')
  const counts = (n: number) => expect.poll(() => gallery.count(), wait).toBe(n)
  const all = (await pngs()).length
  // The page was loaded anew: its gallery is still on its way.
  await counts(all)
  const shown = gallery.first()
  const name = (await shown.getAttribute('aria-label')) ?? ''
  await shown.click()
  await press('Star')
  await press('With a star')
  await counts(1)
  await press('With a star')
  await counts(all)
  await shown.focus()
  await page.keyboard.press('Delete')
  await counts(all - 1)
  // Its notice leaves by itself: nothing may come between.
  await press('Undo')
  await counts(all)
  await expect.poll(() => shown.getAttribute('aria-label'), wait).toBe(name)

  await shown.click()
  const [saved] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Save the picture' }).click()])
  const { format } = await sharp(await readFile(await saved.path())).metadata()
  expect([format, saved.suggestedFilename().endsWith('.png')]).toEqual(['png', true])
})
