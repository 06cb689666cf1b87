// `npm start` without a window: opens the host, serves it, prints the link, and opens the browser.
import { randomBytes } from 'node:crypto'
import { errorRecord, PigmentError } from '../../engine/spec/error.ts'
import { openDoor } from '../stores/door.ts'
import { dataFolder } from '../stores/places.ts'
import { openHost } from '../studio/host.ts'
import { readInterface } from '../studio/interface-files.ts'
import { openInBrowser } from './open-browser.ts'
import { startServer } from './server.ts'

export interface StudioOptions {
  /** Folder of the built pages. */
  readonly pages: string
  readonly port?: number
  readonly openBrowser?: boolean
  readonly print?: (line: string) => void
}

/** Runs until SIGINT or SIGTERM; a running training stops with a checkpoint. */
export async function serveStudio({ pages, port = 0, openBrowser = true, print = console.log }: StudioOptions): Promise<void> {
  const files = await readInterface(pages)
  const host = await openHost({
    folder: dataFolder(),
    // The sentence alone: the person's terminal is no place for a token or a path of a stranger's file.
    report: (error, method) => console.error(`${method}: ${errorRecord(error).message}`),
  })
  const bearer = randomBytes(32).toString('base64url')
  const server = await startServer({ host, files, port, bearer }).catch(async (error: unknown) => {
    await host.close()
    throw error
  })
  // The terminal may ask what the pages may ask.
  const closeDoor = await openDoor(dataFolder(), { origin: server.origin, token: bearer })
  const link = server.link()
  print(link)
  const forget = openBrowser ? await openInBrowser(link) : undefined
  await new Promise<void>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => done())
  })
  await closeDoor()
  await forget?.()
  await server.close()
  await host.close()
}

export function portFrom(text: string | undefined): number {
  if (text === undefined || text === '') return 0
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port
  throw new PigmentError('usage', `"${text}" is not a port. Choose a number from 1024 to 65535.`, { got: text })
}
