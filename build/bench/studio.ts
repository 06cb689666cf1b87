// How the studio's pages feel: time until they answer, a call to the host and back, scrolling 10,000 pictures, and an hour of use.
// Real Chromium over the loopback server and a host without an engine. `npm run bench -- studio`.
import { existsSync } from 'node:fs'
import { chromium, type CDPSession, type Page } from 'playwright-core'
import { startServer } from '../../main/server/server.ts'
import { readInterface } from '../../main/host/interface-files.ts'
import { fakeHost, type FakeHost } from '../renderer/fake/host.ts'
import { buildPages } from '../start.ts'
import { median } from './bench.ts'

const program = process.env.PIGMENT_CHROMIUM ?? '/usr/bin/chromium'
const screens = ['home', 'datasets', 'train', 'generate', 'adapters', 'models', 'jobs', 'settings']

const share = (values: readonly number[], at: number): number => values.toSorted((a, b) => a - b)[Math.floor(values.length * at)] ?? NaN
const say = (what: string, figure: string): void => console.log(what.padEnd(60) + figure.padStart(36))
const ms = (value: number): string => `${value.toFixed(1)} ms`

if (!existsSync(program)) console.log(`skipped: no Chromium at ${program}`)
else {
  const host = fakeHost({ settings: { welcomed: true } })
  const server = await startServer({ host, files: await readInterface(await buildPages()) })
  const browser = await chromium.launch({ executablePath: program, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] })
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    await page.goto(server.link())
    await page.locator('main h1').first().waitFor()
    await interactive(page, server.origin)
    await roundTrip(page)
    await scroll(page, server.origin)
    await hour(page, server.origin, host)
  } finally {
    await browser.close()
    await server.close()
  }
}

/** From the request of the page to a screen with its heading and buttons, as the page's own clock tells it. */
async function interactive(page: Page, origin: string): Promise<void> {
  const times: number[] = []
  for (let i = 0; i < 7; i++) {
    await page.goto(`${origin}/?${i}#/generate`)
    await page.locator('form button[type=submit]').waitFor()
    times.push((await page.evaluate('performance.now()')) as number)
  }
  say('time to a screen that answers, 7 loads', `median ${ms(median(times))}`)
}

async function roundTrip(page: Page): Promise<void> {
  const times = (await page.evaluate(`(async () => {
    const times = []
    for (let i = 0; i < 300; i++) {
      const at = performance.now()
      const answer = await fetch('/call/app.info', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })
      await answer.json()
      times.push(performance.now() - at)
    }
    return times
  })()`)) as number[]
  say('a call to the host and back, 300 calls', `median ${ms(median(times))}, p95 ${ms(share(times, 0.95))}`)
}

/** Scrolls the whole grid at a steady 4,000 px a second and takes the time between frames. */
async function scroll(page: Page, origin: string): Promise<void> {
  await page.goto(`${origin}/#/datasets/archive`)
  await page.locator('[role=gridcell] img').first().waitFor()
  const { frames, pictures } = (await page.evaluate(`new Promise((done) => {
    const box = document.querySelector('[role=grid]').parentElement
    const frames = []
    let last = performance.now()
    const began = last
    const step = (now) => {
      frames.push(now - last)
      last = now
      box.scrollTop += 66
      if (now - began < 12000) requestAnimationFrame(step)
      else done({ frames: frames.slice(2), pictures: Number(document.querySelector('[role=grid]').getAttribute('aria-rowcount')) *
        Number(document.querySelector('[role=grid]').getAttribute('aria-colcount')) })
    }
    requestAnimationFrame(step)
  })`)) as { frames: number[]; pictures: number }
  say(
    `scrolling ${pictures} pictures, ${frames.length} frames`,
    `median ${ms(median(frames))}, p95 ${ms(share(frames, 0.95))}, p99 ${ms(share(frames, 0.99))}`,
  )
}

/** What an hour brings: a training step and a preview each second, and a change of screen every ten. */
async function hour(page: Page, origin: string, host: FakeHost): Promise<void> {
  const devtools = await page.context().newCDPSession(page)
  await page.goto(`${origin}/#/train/run-ink`)
  await page.locator('main h1').first().waitFor()
  const before = await heap(devtools)
  for (let second = 0; second < 3600; second++) {
    const progress = { step: 413 + second, steps: 8000, loss: 0.1 + 0.02 * Math.sin(second), lr: 1e-4, gradNorm: 0.3 }
    const event = { type: 'step', ...progress, rate: 1, eta: 3600 - second, memory: 1e9 } as const
    host.announce('job', { id: 'run-ink', index: 10_000 + second, event })
    host.announce('preview', { job: 'sheet', step: second % 20, steps: 20, media: `preview${second}` })
    if (second % 10 !== 9) continue
    await page.goto(`${origin}/#/${screens[((second / 10) % screens.length) | 0]}`)
    await page.locator('main h1').first().waitFor()
    if ((second / 10) % 8 === 1) await page.evaluate(`(document.querySelector('[role=grid]')?.parentElement ?? {}).scrollTop = 20000`)
  }
  await page.goto(`${origin}/#/train/run-ink`)
  await page.locator('main h1').first().waitFor()
  const after = await heap(devtools)
  say('heap of the page before and after an hour of use', `${before.toFixed(1)} MB → ${after.toFixed(1)} MB`)
}

async function heap(devtools: CDPSession): Promise<number> {
  await devtools.send('HeapProfiler.collectGarbage')
  const { usedSize } = await devtools.send('Runtime.getHeapUsage')
  return usedSize / 2 ** 20
}
