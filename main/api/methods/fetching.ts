// What can be fetched, what it is before it is, and the tokens that are kept for it.
import { z } from 'zod'
import type { BesideAdapter } from './library.ts'

/** A name of Hugging Face, a page or file of CivitAI, or any https link to a .safetensors file. */
export const fetchLink = z.string().trim().min(3).max(2000)

export interface OfferedLicence {
  /** Empty where its page does not tell. */
  readonly name: string
  readonly link: string
  /** What it asks for, in English; a known one's words have its id. */
  readonly sentence?: string
  readonly id?: string
  /** What its page says that it allows. */
  readonly permissions?: NonNullable<BesideAdapter['licence']>
}
/** What is behind a link, before anything of it is fetched. */
export interface Offer {
  readonly link: string
  readonly source: string
  readonly title: string
  /** What a person can open. */
  readonly page: string
  readonly licence: OfferedLicence
  readonly files: readonly { readonly path: string; readonly bytes: number | null; readonly hashed: boolean }[]
  /** Null where nobody tells it before. */
  readonly bytes: number | null
  readonly freeDiskBytes: number
  /** Its page asks to sign in and accept first; whether a token is kept for it. */
  readonly gated: boolean
  readonly token: boolean
  readonly base?: string
  readonly words?: readonly string[]
}

/** One of the short list to begin with. */
export interface Starter {
  readonly id: string
  readonly link: string
  readonly title: string
  readonly kind: 'model' | 'adapter'
  readonly family: string
  /** Roughly, until it is asked for. */
  readonly bytes: number
  readonly licence: OfferedLicence
  readonly page: string
  /** On this machine, where that could be told; of an adapter that of its model. */
  readonly memoryBytes?: { readonly generate: number; readonly train: number }
}

export interface TokenSite {
  readonly site: string
  readonly title: string
  /** Where a token is made. */
  readonly page: string
  /** How it is kept; null: there is none. */
  readonly kept: 'keychain' | 'file' | null
}
