// Fetching as the host has it: what a person gave is read by the first source that knows it, and only when it is asked for.
import { PigmentError } from '../../engine/requests/error.ts'
import type { Network } from './network.ts'
import type { FetchSource, Plan } from './plan.ts'
import { fetchSources } from './sources/index.ts'

const sources = [...fetchSources].sort((a, b) => a.place - b.place)

export class FetchService {
  readonly network: Network
  constructor(network: Network) {
    this.network = network
  }

  /** Asks for what is behind a link. Throws `fetch-link-unknown` and what the network has against it. */
  async plan(given: string, signal: AbortSignal): Promise<Plan> {
    const { source, link } = this.read(given)
    return source.plan(link, this.network, signal)
  }

  /** Those that a token can be kept for. */
  sites(): { readonly site: string; readonly title: string; readonly page: string }[] {
    return sources.flatMap(({ name, title, tokens }) => (tokens === undefined ? [] : { site: name, title, page: tokens }))
  }

  /** What a person gave, as its source calls it; asks nobody. Throws `fetch-link-unknown`, `fetch-link-secret`. */
  read(given: string): { readonly source: FetchSource; readonly link: string } {
    const text = given.trim()
    for (const source of sources) {
      const link = source.reads(text, this.network.hubs)
      if (link !== undefined) return { source, link }
    }
    throw new PigmentError(
      'fetch-link-unknown',
      `"${text.slice(0, 200)}" is no link that can be fetched. Give a name of Hugging Face (owner/name), the address of a page of CivitAI, or an https link to a .safetensors file.`,
      { link: text.slice(0, 200) },
    )
  }
}
