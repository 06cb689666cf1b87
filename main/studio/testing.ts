// A host with its real workers, and a folder that goes with it.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { hostApi, type StudioApi } from '../host/host-api.ts'
import { openHost, type HostOptions, type StudioHost } from '../host/host.ts'

export interface TestedHost {
  readonly host: StudioHost
  /** Of the host that is open now. */
  readonly api: StudioApi
  /** A path in the folder of the test; the host's own is `home`. */
  readonly at: (...parts: readonly string[]) => string
  /** Once more on the same folder, after it was closed. */
  readonly open: () => Promise<void>
}

/** Open before the first test of a file, or before each one; closed and gone after it. */
export function useHost(
  name: string,
  once: 'for all' | 'for each' = 'for all',
  options: () => Partial<HostOptions> = () => ({}),
): TestedHost {
  let [root, opened]: [string, StudioHost | undefined] = ['', undefined]
  const host = (): StudioHost => {
    if (!opened) throw new Error('The host is used before it is open.')
    return opened
  }
  const at = (...parts: readonly string[]): string => join(root, ...parts)
  const open = async (): Promise<void> => void (opened = await openHost({ folder: at('home'), ...options() }))
  const [before, after] = once === 'for all' ? [beforeAll, afterAll] : [beforeEach, afterEach]
  before(async () => {
    root = await mkdtemp(join(tmpdir(), `pigment-${name}-`))
    await open()
  })
  after(async () => {
    await host().close()
    await rm(root, { recursive: true, force: true })
  })
  return {
    api: hostApi(host),
    at,
    open,
    get host() {
      return host()
    },
  }
}
