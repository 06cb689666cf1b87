// One studio for all the tests of a file. After each of them its pages must have complained of nothing.
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { browserMissing, openStudio, type Studio, type StudioOptions } from './testing-studio.ts'

/** What `before` gives is made first, and handed to the options. */
export function useStudio(options: () => StudioOptions | Promise<StudioOptions> = () => ({})): () => Studio {
  const missing = browserMissing()
  let studio: Studio | undefined
  beforeAll(async () => {
    if (!missing) studio = await openStudio(await options())
  }, 300_000)
  afterAll(() => studio?.close())
  beforeEach((context) => {
    if (missing) context.skip(missing)
  })
  afterEach(() => expect(studio?.complaints.splice(0) ?? []).toEqual([]))
  return () => {
    if (studio) return studio
    throw new Error('The studio is used before it is open.')
  }
}

/** How long to wait for what the engine does: the machine may be loaded. */
export const patient = { timeout: 120_000 }
/** An edit must be on disk within a second; a loaded machine may take longer to get to it. */
export const soon = { timeout: 10_000, interval: 50 }
