// Captions that are another one each time: encoded when they are shown, and kept as long as there is room.
import type { TrainRequest } from '../requests/train.ts'
import { randomStream } from '../tensor/philox.ts'
import type { Feed } from '../runtime/session.ts'
import type { Caption } from './captions.ts'
import type { Prepared, PreparedPicture } from './prepare-training.ts'

/** Room for encoded captions: about a thousand of SD 1.5's. */
export const variedBytes = 256 * 2 ** 20

/**
 * Reads one after the other, since an encoder computes for one at a time; of those that are known, the ones that were not asked for longest go first. A
 * caption is encoded by itself, so that it does not matter to its numbers what is kept.
 */
export function keptCaptions(read: (caption: string) => Promise<Caption>, room = variedBytes): (caption: string) => Promise<Caption> {
  const kept = new Map<string, { readonly caption: Caption; readonly bytes: number }>()
  let taken = 0
  let turn: Promise<unknown> = Promise.resolve()
  const one = async (text: string): Promise<Caption> => {
    const known = kept.get(text)
    kept.delete(text)
    if (known) {
      kept.set(text, known)
      return known.caption
    }
    const caption = await read(text)
    const bytes = bytesOf(caption)
    kept.set(text, { caption, bytes })
    taken += bytes
    for (const [oldest, { bytes: of }] of kept) {
      if (taken <= room || kept.size === 1) break
      kept.delete(oldest)
      taken -= of
    }
    return caption
  }
  return (text) => {
    const mine = turn.then(() => one(text))
    turn = mine.catch(() => undefined)
    return mine
  }
}

const bytesOf = ({ conditioning, feeds }: Caption): number =>
  [...Object.values(conditioning), ...Object.values(feeds)].reduce((sum, one: Feed | undefined) => sum + (one?.data.byteLength ?? 0), 0)

/** What the rows of micro-batch `n` are shown with, and of it what was not prepared. */
export function captionsShown(
  { seed, batch, accumulation }: Pick<TrainRequest, 'seed' | 'batch' | 'accumulation'>,
  { captions, read }: Pick<Prepared, 'captions' | 'read'>,
) {
  return async (n: number, chosen: readonly PreparedPicture[], dropped: readonly boolean[]) => {
    const step = Math.floor(n / accumulation)
    const said = chosen.map(({ caption, varied }, k) =>
      dropped[k] ? '' : varied ? varied(randomStream(seed, 'caption', n * batch + k), step) : caption,
    )
    const unread = read ? said.filter((caption) => !captions.has(caption)) : []
    const all = await Promise.all(unread.map(async (caption) => [caption, (await read?.(caption)) as Caption] as const))
    return { said, read: new Map(all) }
  }
}
