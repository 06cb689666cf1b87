// `npm start` without a window: opens the host, serves it, prints the link, and opens the browser.
import { errorRecord, PigmentError } from '../../engine/requests/error.ts'
import { dataFolder } from '../places/places.ts'
import { openHost } from '../host/host.ts'
import { readInterface } from '../host/interface-files.ts'
import { openInBrowser } from './open-browser.ts'
import { serveDoor } from './with-door.ts'

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
  // The terminal may ask what the pages may ask.
  const door = await serveDoor(dataFolder(), { host, files, port }).catch(async (error: unknown) => {
    await host.close()
    throw error
  })
  const link = door.server.link()
  print(link)
  const forget = openBrowser ? await openInBrowser(link) : undefined
  await new Promise<void>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => done())
  })
  await forget?.()
  await door.close()
  await host.close()
}

export function portFrom(text: string | undefined): number {
  if (text === undefined || text === '') return 0
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port
  throw new PigmentError('usage', `"${text}" is not a port. Choose a number from 1024 to 65535.`, { got: text })
}
