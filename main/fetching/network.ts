// What fetching asks the world for, and by what clock: tests put a server of their own, a disk and a patience of their own in its place.
import { statfs } from 'node:fs/promises'
import http from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

/** Where the hubs answer. Nothing else in the program knows an address to ask. */
export interface Hubs {
  readonly huggingFace: string
  readonly civitai: string
  /** Of Python's packages, among which NVIDIA publishes its libraries. */
  readonly python: string
  /** Origins that may be asked without TLS. */
  readonly plain: readonly string[]
}
/** `HF_ENDPOINT` names a mirror, as huggingface_hub has it; without TLS it is asked on this machine alone. */
export function publicHubs({ HF_ENDPOINT: mirror }: NodeJS.ProcessEnv = process.env): Hubs {
  const url = mirror ? (URL.parse(mirror) ?? URL.parse(`https://${mirror}`)) : null
  const here = url?.protocol === 'http:' && /^(127\.0\.0\.1|localhost|\[::1\])$/.test(url.hostname)
  return {
    huggingFace: url ? `${url.origin}${url.pathname.replace(/\/+$/, '')}` : 'https://huggingface.co',
    civitai: 'https://civitai.com',
    python: 'https://pypi.org',
    plain: here ? [url.origin] : [],
  }
}

export interface Network {
  readonly hubs: Hubs
  /** The token that a person keeps for a site, by the name of its source. */
  readonly token: (site: string) => Promise<string | undefined>
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>
  /** From 0 to 1, for waits that must not fall together. */
  readonly random: () => number
  /** Bytes that the disk of a folder has left. */
  readonly free: (folder: string) => Promise<number>
  /** Longest silence, in milliseconds, before a connection counts as cut. */
  readonly silence: number
}

export const realNetwork = (hubs: Hubs, token: Network['token']): Network => ({
  hubs,
  token,
  wait: (milliseconds, signal) => delay(milliseconds, undefined, { signal }),
  random: Math.random,
  async free(folder) {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize
  },
  silence: 60_000,
})

let proxied = false
/** What HTTP_PROXY, HTTPS_PROXY and NO_PROXY say counts from the first question on. Other programs' habit of lower case is Node's too. */
export function heedProxy(environment: NodeJS.ProcessEnv = process.env): void {
  const named = Object.keys(environment).some((name) => /^https?_proxy$/i.test(name) && environment[name])
  // Older Electrons have a Node without it.
  const set = (http as Partial<typeof http>).setGlobalProxyFromEnv
  if (proxied || !named || !set) return
  proxied = true
  set(environment as Parameters<typeof set>[0])
}
