// What the headers of an answer say of a file.

/** A weak one says that two states are alike, not that their bytes are. */
export const strong = (etag: string | null): string | undefined => (etag && !etag.startsWith('W/') ? etag : undefined)

/** Of a packed body it tells the packed length. */
export function lengthOf(headers: Headers): number | undefined {
  const length = headers.get('content-length')
  return length === null || (headers.get('content-encoding') ?? 'identity') !== 'identity' ? undefined : Number(length)
}
