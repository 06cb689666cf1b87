// A screen is one file with its words: put beside the others, it is in the rail and the palette and under its key, and does with
// dropped files what it says. Nothing else may know screens by name.
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundlePages } from '../start.ts'
import { openFakeStudio, type FakeStudio } from '../renderer/testing-fake-studio.ts'
import { browserMissing, dropFiles } from '../renderer/testing-studio.ts'
import { programWith } from './testing-program.ts'

const root = join(import.meta.dirname, '../..')
const screen = `<script lang="ts" module>
  import Compass from '@lucide/svelte/icons/compass'
  import type { ScreenCard } from '../state/screen.ts'
  import { router } from '../state/router.svelte.ts'
  import { t } from '../words/words.svelte.ts'

  let dropped = $state('')
  export const card: ScreenCard = {
    name: 'nowhere',
    title: 'nav.nowhere',
    icon: Compass,
    order: 4.5,
    key: '9',
    palette: { things: () => [{ label: t('nav.nowhere') + ': North', run: () => router.go('nowhere', 'north') }] },
    takes: (files) => async () => void (dropped = files.map(({ path }) => path).join()),
  }
</script>

<h1>{t('nav.nowhere')} {router.argument}</h1>
<p>{dropped}</p>
`

const program = await programWith({ 'renderer/screens/Nowhere.svelte': screen })
let studio: FakeStudio | undefined
const missing = browserMissing()
beforeAll(async () => {
  if (missing) return
  for (const [language, word] of Object.entries({ en: 'Nowhere', zh: '别处' })) {
    const words = join(program.root, 'renderer/words', `${language}.ts`)
    await writeFile(words, (await readFile(words, 'utf8')).replace("'nav.home':", `'nav.nowhere': '${word}',\n  'nav.home':`))
  }
  await copyFile(join(root, 'tsconfig.json'), join(program.root, 'tsconfig.json'))
  const pages = join(program.root, 'pages')
  await bundlePages(join(program.root, 'renderer'), pages)
  studio = await openFakeStudio({ pages })
})
afterAll(async () => {
  await studio?.close()
  program[Symbol.dispose]()
})

test('a screen that is put into the folder is found, shown and asked', async (context) => {
  if (missing || !studio) return context.skip(missing)
  const { page } = studio
  const rail = page.getByRole('navigation')
  const names = await rail.getByRole('link').allInnerTexts()
  expect(names.slice(names.indexOf('Nowhere') - 1, names.indexOf('Nowhere') + 2)).toEqual(['Generate', 'Nowhere', 'Adapters'])
  await page.keyboard.press('Control+9')
  await page.getByRole('heading', { name: 'Nowhere', exact: true }).waitFor()
  expect(await rail.locator('[aria-current=page]').allInnerTexts()).toEqual(['Nowhere'])
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox').pressSequentially('nowhere')
  expect(await page.getByRole('option').allInnerTexts()).toEqual(['Nowhere\nCtrl 9', 'Nowhere: North'])
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Nowhere north' }).waitFor()
  await dropFiles(page, [join(root, 'package.json')])
  await page.getByText('package.json', { exact: true }).waitFor()
  await page.keyboard.press('Control+8')
  await page.locator('kbd', { hasText: '1 – 9' }).waitFor()
  expect(studio.calls.filter(({ method }) => method === 'datasets.create')).toEqual([])
})
