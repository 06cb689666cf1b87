// The README's pictures, taken of the real studio at work: node build/run.mjs build/renderer/readme-pictures.ts (about four minutes)
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { buildPages } from '../start.ts'
import { openStudio } from './testing-studio.ts'

const folder = join(import.meta.dirname, '../../docs/pictures')
await mkdir(folder, { recursive: true })
await buildPages()
const studio = await openStudio({ settings: {} })
const { page } = studio
const patient = { timeout: 300_000 }

async function take(name: string): Promise<void> {
  await page.mouse.move(0, 0)
  await page.waitForTimeout(400)
  const file = join(folder, `${name}.png`)
  const { size } = await sharp(await page.screenshot())
    .png({ palette: true, colours: 128, effort: 10 })
    .toFile(file)
  console.log(`${name}.png: ${Math.round(size / 1000)} kB`)
}
const theme = async (name: 'light' | 'dark'): Promise<void> => {
  await page.getByRole('link', { name: 'Settings' }).click()
  await page.getByLabel('Theme').selectOption(name)
}
async function draw(prompt: string, seed: number): Promise<void> {
  await page.getByLabel('Prompt', { exact: true }).fill(prompt)
  await page.getByLabel('Seed', { exact: true }).fill(String(seed))
  await page.getByRole('button', { name: 'Generate', exact: true }).click()
  await page
    .getByRole('img', { name: new RegExp(`${prompt}.*seed ${seed}`) })
    .first()
    .waitFor(patient)
}

try {
  await theme('light')
  await page.getByRole('link', { name: 'Pictures' }).click()
  await page.getByRole('link', { name: /^Black ink/ }).click()
  await page.getByRole('gridcell').nth(2).click()
  await take('pictures')

  await page.getByRole('link', { name: 'Train' }).click()
  await page.getByRole('link', { name: 'Start' }).click()
  await page.getByRole('button', { name: 'Train “Black ink”' }).click()
  await page.getByRole('button', { name: 'Start training' }).click()
  await page
    .getByText(/Step (1[01]\d) of 125/)
    .first()
    .waitFor(patient)
  await take('train')
  await page.getByRole('button', { name: 'Use it in Generate' }).click(patient)

  await page.getByLabel('Add an adapter').selectOption({ index: 1 })
  await page.getByRole('spinbutton', { name: /^Weight of Comic/ }).fill('0')
  const subjects = ['rocket', 'red apple', 'cat face', 'house', 'sailboat', 'umbrella', 'fish', 'four leaf clover']
  for (const [i, subject] of subjects.entries()) await draw(`blackink style emoji of ${subject}`, 40 + i)
  await page.getByRole('button', { name: /blackink style emoji of four leaf clover/ }).click()
  await take('generate')

  await theme('dark')
  await page.getByRole('link', { name: 'Generate' }).click()
  await page.getByLabel('Prompt', { exact: true }).fill('emoji of red apple')
  await page.getByRole('button', { name: 'X/Y grid …' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Across').selectOption('weight')
  await dialog.getByLabel('Values').first().fill('0, 0.3, 0.6, 0.9, 1.2')
  await dialog.getByLabel('Values').last().fill('1, 2, 3')
  await dialog.getByRole('button', { name: 'Make the grid' }).click()
  await page.getByRole('link', { name: 'Jobs' }).click()
  await page.getByRole('listitem').filter({ hasText: 'Grid' }).getByText('Done').waitFor(patient)
  await page.getByRole('link', { name: 'Generate' }).click()
  await page.getByRole('list', { name: 'Gallery' }).getByRole('button').first().click()
  await take('grid')

  await page.getByRole('link', { name: 'Adapters' }).click()
  await page.getByRole('button', { name: 'Export …' }).click()
  await page.getByRole('dialog').locator('dl').waitFor()
  await take('export')
  await page.keyboard.press('Escape')

  await theme('light')
  await page.getByRole('link', { name: 'Start' }).click()
  await take('start')
  for (const complaint of studio.complaints) console.log(`✗ ${complaint}`)
} finally {
  await studio.close()
}
