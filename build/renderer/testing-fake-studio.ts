// The studio's pages over the fake studio, without an engine: what a test says of the host is what it answers.
import { join } from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'
import { errorRecord } from '../../engine/requests/error.ts'
import { startServer } from '../../main/server/server.ts'
import { readInterface } from '../../main/host/interface-files.ts'
import { fakeHost, type FakeHost } from './fake/host.ts'

const program = process.env.PIGMENT_CHROMIUM ?? '/usr/bin/chromium'

export interface FakeStudio {
  readonly page: Page
  /** Every call, in order. */
  readonly calls: { readonly method: string; readonly input: unknown }[]
  /** Answers of a test's own, in place of the fake's: a method's name and what it gives or throws. */
  readonly answers: Map<string, (input: unknown) => unknown>
  readonly announce: FakeHost['announce']
  /** The link that its page was opened with. */
  readonly link: string
  close(): Promise<void>
}

export interface FakeStudioOptions {
  readonly language?: 'en' | 'zh'
  /** Where the built pages are. */
  readonly pages?: string
  readonly size?: { readonly width: number; readonly height: number }
}

export async function openFakeStudio({
  language = 'en',
  pages = join(import.meta.dirname, '../../renderer/dist'),
  size = { width: 1440, height: 900 },
}: FakeStudioOptions = {}): Promise<FakeStudio> {
  const host = fakeHost({ empty: false, settings: { theme: 'dark', language, welcomed: true } })
  const calls: FakeStudio['calls'] = []
  const answers: FakeStudio['answers'] = new Map()
  const answered: FakeHost = {
    ...host,
    async invoke(method, input) {
      calls.push({ method, input })
      const own = answers.get(method)
      if (!own) return host.invoke(method, input)
      try {
        return { ok: true, value: (await own(input)) ?? null }
      } catch (error) {
        return { ok: false, error: errorRecord(error) }
      }
    },
  }
  const server = await startServer({ host: answered, files: await readInterface(pages) })
  let browser: Browser | undefined
  const close = async (): Promise<void> => {
    await browser?.close()
    await server.close()
  }
  try {
    browser = await chromium.launch({ executablePath: program, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] })
    const context = await browser.newContext({ viewport: size, reducedMotion: 'reduce', locale: 'en-US' })
    context.setDefaultTimeout(60_000)
    const page = await context.newPage()
    const link = server.link()
    await page.goto(link)
    await page.locator('main h1').first().waitFor()
    return { page, calls, answers, announce: (topic, payload) => host.announce(topic, payload), link, close }
  } catch (error) {
    await close()
    throw error
  }
}
