// What is fetched, before it is: files with their sizes and hashes, and under which licence.
import { PigmentError } from '../../engine/requests/error.ts'
import type { OfferedLicence } from '../api/methods/fetching.ts'
import type { About } from './failures.ts'
import type { Network } from './network.ts'

export interface PublishedHash {
  /** `git-sha1` is that of a blob in git, which begins with its length. */
  readonly algorithm: 'sha256' | 'sha512' | 'git-sha1'
  readonly value: string
}
export interface PlannedFile {
  /** Where it comes to lie in what is fetched, with slashes. */
  readonly path: string
  readonly url: string
  readonly bytes?: number
  /** Its size as its page rounds it. */
  readonly roughly?: number
  readonly hash?: PublishedHash
}
export interface Plan extends About {
  /** By which it is found again, the same files each time; without anything secret. */
  readonly link: string
  readonly title: string
  /** What its file or folder is called. */
  readonly name: string
  /** One, or those of a folder. */
  readonly files: readonly PlannedFile[]
  readonly licence: OfferedLicence
  /** Its page asks to sign in and accept first. */
  readonly gated: boolean
  readonly base?: string
  readonly words?: readonly string[]
  /** Small files to lie beside it, by what stands behind its name. */
  readonly beside: Readonly<Record<string, unknown>>
}

/** A place that models come from, one a file. */
export interface FetchSource {
  readonly name: string
  readonly title: string
  /** In this order links are tried. */
  readonly place: number
  /** Where a person makes a token for it. */
  readonly tokens?: string
  /** What a person gave, as this source calls it; undefined where it is none of its own. */
  reads(text: string, hubs: Network['hubs']): string | undefined
  /** Asks for what is behind a link that it read. */
  plan(link: string, network: Network, signal: AbortSignal): Promise<Plan>
}

/** Of all files, as well as it is known before. */
export function totalOf({ files }: Pick<Plan, 'files'>): number | undefined {
  const sizes = files.map(({ bytes, roughly }) => bytes ?? roughly)
  return sizes.includes(undefined) ? undefined : sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0)
}

export const onlyPickles = (page: string, names: readonly string[]): PigmentError =>
  new PigmentError(
    'fetch-pickle',
    `What is there is only in pickles (${names.slice(0, 3).join(', ')}), which can run code when opened. Look on ${page} for a version in safetensors.`,
    { page, names: names.slice(0, 8) },
  )

export const isPickle = (name: string): boolean => /\.(ckpt|pt|pth|bin|pkl)$/i.test(name)
export const isSafetensors = (name: string): boolean => /\.safetensors$/i.test(name)
