// The studio as a person has it: the real server and engine in a process of their own, real Chromium, a fresh data folder.
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'
import type { Settings } from '../../main/api/methods/settings.ts'

const root = join(import.meta.dirname, '../..')
const program = process.env.PIGMENT_CHROMIUM ?? '/usr/bin/chromium'

/** Why a browser test cannot run here, or nothing. */
export const browserMissing = (): string | undefined => (existsSync(program) ? undefined : `no Chromium at ${program}`)

export interface Studio {
  readonly page: Page
  /** What no page of it must ever say: errors, refused content, failed requests. */
  readonly complaints: string[]
  readonly home: string
  readonly process: ChildProcess
  close(): Promise<void>
}

export interface StudioOptions {
  /** A module that its process loads first. */
  readonly preload?: string
  readonly env?: Readonly<Record<string, string>>
  /** What a person has set before. One thread unless told: several wait for each other in loops, which on a loaded machine costs as much again. */
  readonly settings?: Partial<Settings>
}

const usual: Partial<Settings> = { device: 'cpu', threads: 1 }

export async function openStudio({ preload, env: more = {}, settings = usual }: StudioOptions = {}): Promise<Studio> {
  const home = await mkdtemp(join(tmpdir(), 'pigment-studio-'))
  await writeFile(join(home, 'settings.json'), JSON.stringify(settings))
  const env = { ...process.env, PIGMENT_HOME: home, PIGMENT_NO_OPEN: '1', PIGMENT_PORT: '', ...more }
  const first = [...(process.env.PIGMENT_TEST_LAG ? [join(import.meta.dirname, 'testing-lag.ts')] : []), ...(preload ? [preload] : [])]
  const words = ['--disable-warning=ExperimentalWarning', ...first.flatMap((module) => ['--import', module]), join(root, 'build/start.ts')]
  const child = spawn(process.execPath, words, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let browser: Browser | undefined
  const close = async (): Promise<void> => {
    await browser?.close()
    if (child.exitCode === null) {
      const ended = new Promise((done) => child.once('close', done))
      child.kill('SIGTERM')
      await ended
    }
    await rm(home, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    const link = await linkOf(child)
    browser = await chromium.launch({ executablePath: program, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] })
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: 'dark', locale: 'en-US' })
    // The cores may be busy with a training and other test files.
    context.setDefaultTimeout(180_000)
    const complaints: string[] = []
    context.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
    context.on('weberror', (error) => complaints.push(error.error().message))
    context.on(
      'response',
      (response) => response.status() >= 400 && complaints.push(`${response.status()} ${new URL(response.url()).pathname}`),
    )
    // As text: these lines run in the page, whose names this side does not know.
    await context.addInitScript(
      "addEventListener('securitypolicyviolation', (event) => console.error('policy: ' + event.violatedDirective + ' ' + event.blockedURI))",
    )
    context.on('page', (page) => void slowDown(page).catch(() => undefined))
    const page = await context.newPage()
    await page.goto(link)
    await page.getByRole('navigation').waitFor()
    return { page, complaints, home, process: child, close }
  } catch (error) {
    await close()
    throw error
  }
}

function linkOf(child: ChildProcess): Promise<string> {
  return new Promise((done, fail) => {
    let [out, err] = ['', '']
    child.stderr?.setEncoding('utf8').on('data', (part: string) => (err += part))
    child.stdout?.setEncoding('utf8').on('data', (part: string) => {
      out += part
      const link = /http:\/\/127\.0\.0\.1:\d+\/#t=\S+/.exec(out)?.[0]
      if (link) done(link)
    })
    child.once('close', (code) => fail(new Error(`The studio ended with ${code} before it gave its link.\n${err}`)))
  })
}

/** With PIGMENT_TEST_THROTTLE=4 the page computes four times as slowly. */
async function slowDown(page: Page): Promise<void> {
  const rate = Number(process.env.PIGMENT_TEST_THROTTLE ?? 1)
  if (rate <= 1) return
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Emulation.setCPUThrottlingRate', { rate })
}

/** True once every picture in sight is here: one asked for while its file goes elsewhere would be complained of. */
export const picturesLoaded = (page: Page): Promise<boolean> =>
  // As text, asked from here: the page's policy forbids the evaluation that waitForFunction needs inside.
  page.evaluate(`[...document.images].every((image) => {
    const { top, left, bottom, right } = image.getBoundingClientRect()
    return image.complete || top >= innerHeight || left >= innerWidth || bottom <= 0 || right <= 0
  })`)

/** Drops files and folders of this machine on the middle of the page, as a file manager does; a hand moves more than once before it lets go. */
export async function dropFiles(page: Page, files: readonly string[]): Promise<void> {
  const devtools = await page.context().newCDPSession(page)
  const data = { items: [], files: [...files], dragOperationsMask: 1 }
  for (const type of ['dragEnter', 'dragOver', 'dragOver', 'drop'] as const)
    await devtools.send('Input.dispatchDragEvent', { type, x: 700, y: 450, data })
  await devtools.detach()
}
