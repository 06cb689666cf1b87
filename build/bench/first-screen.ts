// How long the studio takes to be there: from the start of its process to its link, and to a screen with its heading and navigation.
import { spawn } from 'node:child_process'
import type { Browser } from 'playwright-core'

/** Milliseconds since the process was started. */
export interface Opening {
  readonly link: number
  readonly screen: number
}

/** The studio of a tree with `home` for its data, opened and ended again. */
export async function openFirstScreen(browser: Browser, tree: string, home: string): Promise<Opening> {
  const began = performance.now()
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'build/start.ts', '--browser'], {
    cwd: tree,
    env: { ...process.env, PIGMENT_HOME: home, PIGMENT_NO_OPEN: '1', PIGMENT_PORT: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<void>((done) => child.once('close', () => done()))
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  try {
    const page = await context.newPage()
    const url = await new Promise<string>((done, fail) => {
      let out = ''
      child.stdout.setEncoding('utf8').on('data', (part: string) => {
        out += part
        const found = /http:\/\/127\.0\.0\.1:\d+\/#t=\S+/.exec(out)?.[0]
        if (found) done(found)
      })
      void ended.then(() => fail(new Error(`The studio of ${tree} ended before it told its link.`)))
    })
    const link = performance.now() - began
    await page.goto(url)
    await page.getByRole('navigation').waitFor()
    await page.locator('main h1').first().waitFor()
    return { link, screen: performance.now() - began }
  } finally {
    await context.close()
    child.kill('SIGTERM')
    await ended
  }
}
