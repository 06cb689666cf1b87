// Draws every screen of the built renderer over the fake studio, and collects what is wrong with it: axe's findings, refused content, errors.
import { existsSync, readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'
import type { Settings } from '../../main/api/methods/settings.ts'
import { startServer } from '../../main/server/server.ts'
import { readInterface } from '../../main/host/interface-files.ts'
import { fakeHost, type FakeHost } from './fake/host.ts'
import { findOutOfReach } from './out-of-reach.ts'
import { picturesLoaded } from './testing-studio.ts'
import { views, type View } from './views.ts'

const root = join(import.meta.dirname, '../..')
const program = process.env.PIGMENT_CHROMIUM ?? '/usr/bin/chromium'
const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

/** From here on everything goes downwards and nothing sideways. */
const narrow = 720

/** Why screens cannot be drawn here, or nothing. */
export const drawingMissing = (): string | undefined => (existsSync(program) ? undefined : `no Chromium at ${program}`)

/** What axe looks for; a drawing that differs from another in one respect is held to the rules that depend on it. */
const rulesOf = {
  all: {},
  /** All but those of colours: where words differ. */
  structure: { rules: { 'color-contrast': { enabled: false }, 'link-in-text-block': { enabled: false } } },
  colours: { runOnly: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] } },
  /** Where sizes differ. */
  layout: { runOnly: { type: 'rule', values: ['target-size', 'scrollable-region-focusable'] } },
} as const
export type Rules = keyof typeof rulesOf

/** How a view is looked at. A page that was drawn is looked at in several ways, one after the other, as when a window changes its size or its theme. */
export interface Look {
  readonly theme: Settings['theme']
  readonly size: { readonly width: number; readonly height: number }
  readonly rules: Rules
}

export interface Drawing {
  /** Where pictures of the screens go; none are kept without it. */
  readonly folder?: string
  readonly language: 'en' | 'zh'
  readonly only?: RegExp
  readonly looks: readonly [Look, ...Look[]]
}

/** Sentences about what is wrong; none means that every screen is fine. */
export async function drawScreens({ only, ...drawing }: Drawing): Promise<string[]> {
  const problems: string[] = []
  const browser = await chromium.launch({ executablePath: program, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] })
  try {
    if (drawing.folder) await mkdir(drawing.folder, { recursive: true })
    for (const empty of [false, true]) {
      const wanted = views.filter((view) => (view.empty ?? false) === empty && (!only || only.test(view.name)))
      if (wanted.length > 0) await drawSet(browser, { ...drawing, wanted, empty }, problems)
    }
  } finally {
    await browser.close()
  }
  return problems
}

interface DrawnSet extends Omit<Drawing, 'only'> {
  readonly wanted: readonly View[]
  readonly empty: boolean
}

async function drawSet(browser: Browser, { wanted, empty, language, folder, looks }: DrawnSet, problems: string[]): Promise<void> {
  const [{ theme, size }] = looks
  const host = fakeHost({ empty, settings: { theme, language, welcomed: !empty } })
  const asked: string[] = []
  const counted: FakeHost = { ...host, invoke: (method, input) => (asked.push(method), host.invoke(method, input)) }
  const server = await startServer({ host: counted, files: await readInterface(join(root, 'renderer/dist')) })
  const context = await browser.newContext({ viewport: size, reducedMotion: 'reduce', locale: 'en-US', bypassCSP: false })
  try {
    const page = await context.newPage()
    let at = ''
    const complain = (text: string): void => void problems.push(`${at}: ${text}`)
    page.on('console', (message) => message.type() === 'error' && complain(message.text()))
    page.on('pageerror', (error) => complain(error.message))
    await page.addInitScript(
      `addEventListener('securitypolicyviolation', (event) => console.error('policy: ' + event.violatedDirective + ' ' + event.blockedURI))`,
    )
    await page.goto(server.link())
    await page.locator('main h1').first().waitFor()
    for (const view of wanted) {
      at = `${view.name} (${language})`
      asked.length = 0
      await page.setViewportSize(size)
      await page.goto(`${server.origin}/#/${view.address}`)
      // What the view before opened may be of another size than its key to close it.
      if (view.fresh || (await page.locator('dialog[open]').count()) > 0) await page.reload()
      await page.locator('main h1').first().waitFor()
      await view.act?.(page, host)
      for (const look of looks) {
        const { width, height } = look.size
        at = `${view.name} (${look.theme}, ${language}, ${width} × ${height})`
        await page.setViewportSize(look.size)
        await page.evaluate(`document.documentElement.dataset.theme = '${look.theme}'`)
        await settle(page)
        if (folder)
          await page.screenshot({
            path: join(folder, `${view.name}-${look.theme}-${language}${width <= narrow ? `-${width}` : ''}.png`),
          })
        for (const found of await axeFindings(page, look.rules)) complain(found)
        if (width <= narrow) for (const found of await findOutOfReach(page)) complain(found)
      }
      // A screen that has what it shows asks for nothing more.
      if (asked.length > 40) complain(`asked the host ${asked.length} times, lastly ${asked.slice(-3).join(', ')}`)
      await page.keyboard.press('Escape')
    }
  } finally {
    await context.close()
    await server.close()
  }
}

async function settle(page: Page): Promise<void> {
  await page.waitForTimeout(120)
  for (let waited = 0; !(await picturesLoaded(page)); waited += 50) {
    if (waited > 5000) throw new Error('A picture in sight was not loaded within five seconds.')
    await page.waitForTimeout(50)
  }
  await page.waitForTimeout(60)
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string
    readonly help: string
    readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary?: string }[]
  }[]
}

async function axeFindings(page: Page, rules: Rules): Promise<string[]> {
  // The page's policy keeps scripts of a test out of its document; the debugger puts this one in.
  if (!(await page.evaluate('"axe" in globalThis'))) await page.evaluate(readFileSync(axe, 'utf8'))
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
  // Without the places of all that is well, which take a third of the time.
  const options = { runOnly: tags, resultTypes: ['violations'], ...rulesOf[rules] }
  const { violations } = (await page.evaluate(`axe.run(document, ${JSON.stringify(options)})`)) as AxeResult
  return violations.flatMap(({ id, help, nodes }) =>
    nodes
      .slice(0, 4)
      .map(({ target, failureSummary = '' }) => `axe ${id}: ${help}: ${target.join(' ')} ${failureSummary.split('\n')[1]?.trim() ?? ''}`),
  )
}
