// One studio for all the tests of a file. After each of them its pages must have complained of nothing.
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { browserMissing, openStudio, type Studio, type StudioOptions } from './testing-studio.ts'

const failed = join(import.meta.dirname, '../..', 'work', 'failed')

/** `options` may prepare files first. */
export function useStudio(options: () => StudioOptions | Promise<StudioOptions> = () => ({})): () => Studio {
  const missing = browserMissing()
  let studio: Studio | undefined
  beforeAll(async () => {
    if (!missing) studio = await openStudio(await options())
  }, 300_000)
  afterAll(() => studio?.close())
  beforeEach((context) => {
    ends = performance.now() + context.task.timeout
    if (missing) context.skip(missing)
  })
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await keepLook(studio, task.name)
    expect(studio?.complaints.splice(0) ?? []).toEqual([])
  })
  return () => {
    if (studio) return studio
    throw new Error('The studio is used before it is open.')
  }
}

/** What the pages looked like when a test failed, in `work/failed`. */
async function keepLook(studio: Studio | undefined, test: string): Promise<void> {
  for (const [i, page] of (studio?.page.context().pages() ?? []).entries())
    await page.screenshot({ path: join(failed, `${test.replace(/\W+/g, '-').slice(0, 60)}-${i}.png`) }).catch(() => undefined)
}

let ends = Infinity
/** How long to wait for what the engine does: the machine may be loaded. It gives up before the test's own time is over, so that the line is told. */
export const patient = {
  get timeout(): number {
    return Math.max(1000, Math.min(180_000, ends - performance.now() - 2000))
  },
}
/** An edit must be on disk within a second; a loaded machine may take longer to get to it. */
export const soon = { timeout: 60_000, interval: 50 }
