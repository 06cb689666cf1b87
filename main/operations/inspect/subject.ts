/** What is known of a path before anyone reads it. */
export interface Found {
  readonly path: string
  readonly folder: boolean
  /** Entries of a folder. */
  readonly names: readonly string[]
  /** The first bytes of a file. */
  readonly first: Uint8Array
  readonly size: number
}

interface InspectOptions {
  readonly signal: AbortSignal
  readonly model?: string | undefined
}

/** A kind of thing that can be inspected. "Not mine" tries the next; a broken one of this kind throws in `inspect`. */
export interface Subject {
  readonly name: string
  recognise(found: Found): Promise<'yes' | { readonly no: string }>
  /** What `inspect` answers: its `kind`, its `path`, and what is in it. */
  inspect(found: Found, options: InspectOptions): Promise<{ readonly kind: string; readonly path: string }>
}

/** What a kind is called in a sentence. */
export const kindWords = {
  checkpoint: 'a checkpoint',
  adapter: 'an adapter',
  embedding: 'a textual inversion',
  picture: 'a picture',
  dataset: 'a folder of pictures',
} as const

/** Whether a file is one of safetensors, or means to be. */
export function looksLikeSafetensors({ path, first, folder }: Found): boolean {
  return !folder && (/\.safetensors$/i.test(path) || (first[8] === 0x7b && first.subarray(4, 8).every((byte) => byte === 0)))
}
