// What its owner says of an adapter that is given away: keys of ModelSpec, as CivitAI, A1111 and ComfyUI show them.
type Metadata = Readonly<Record<string, string>>

export interface OwnWords {
  readonly title?: string | undefined
  readonly author?: string | undefined
  readonly licence?: string | undefined
  /** A picture as a data address. */
  readonly thumbnail?: string | undefined
}

const keys = {
  title: 'modelspec.title',
  author: 'modelspec.author',
  licence: 'modelspec.license',
  thumbnail: 'modelspec.thumbnail',
} as const satisfies Record<keyof OwnWords, string>

/** The metadata with what is said; of what is not said, what stood there stays. */
export function withOwnWords(metadata: Metadata, said: OwnWords): Record<string, string> {
  const own = (Object.keys(keys) as (keyof OwnWords)[]).flatMap((name) => {
    const words = said[name]?.trim()
    return words ? [[keys[name], words] as const] : []
  })
  return { ...metadata, ...Object.fromEntries(own) }
}
