// The door of a studio in a window: the same loopback server as that of a browser, with the same rules, but no pages and no link.
import { randomBytes } from 'node:crypto'
import { errorRecord } from '../../engine/requests/error.ts'
import { openDoor } from '../stores/door.ts'
import type { StudioHost } from '../host/host.ts'
import { startServer, type StudioServer } from './server.ts'

export interface ServedDoor {
  readonly server: StudioServer
  close(): Promise<void>
}

/** Serves a host, and leaves address and token in its folder for the programs of the same person. */
export async function serveDoor(folder: string, options: Omit<Parameters<typeof startServer>[0], 'bearer'>): Promise<ServedDoor> {
  const token = randomBytes(32).toString('base64url')
  const server = await startServer({ ...options, bearer: token })
  const remove = await openDoor(folder, { origin: server.origin, token, process: process.pid }).catch(async (error: unknown) => {
    await server.close()
    throw error
  })
  return {
    server,
    async close() {
      await remove()
      await server.close()
    },
  }
}

/** The host, which the terminal reaches until it is closed. Where no port can be had it works without, and `tell` hears why. */
export async function withDoor(host: StudioHost, folder: string, tell: (sentence: string) => void): Promise<StudioHost> {
  const door = await serveDoor(folder, { host, files: new Map() }).catch((error: unknown) => {
    tell(`The terminal cannot reach this window: ${errorRecord(error).message}`)
  })
  return {
    ...host,
    async close() {
      await door?.close()
      await host.close()
    },
  }
}
