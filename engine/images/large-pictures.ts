// Large pictures wait for one another: a WebP of 38 bytes may claim 98 million pixels, and four of those at once would take gigabytes.

const MANY_PIXELS = 25_000_000
let last: Promise<unknown> = Promise.resolve()

/** Runs a decoder: at once where the picture is small, else when no other large one is being decoded in this process. */
export function inTurn<T>({ width, height }: { readonly width: number; readonly height: number }, decode: () => Promise<T>): Promise<T> {
  if (width * height <= MANY_PIXELS) return decode()
  const turn = last.then(decode)
  last = turn.catch(() => undefined)
  return turn
}
