// Whether the disk has room for what is to come.
import { byteSize } from '../../engine/requests/byte-size.ts'
import { PigmentError } from '../../engine/requests/error.ts'
import type { Network } from './network.ts'

/** Left free on the disk. */
export const reserve = 1 << 30

/** Throws `disk-full`. */
export async function requireRoom(name: string, folder: string, bytes: number, { free: left }: Pick<Network, 'free'>): Promise<void> {
  const free = await left(folder)
  if (bytes <= free - reserve) return
  throw new PigmentError(
    'disk-full',
    `"${name}" needs ${byteSize(bytes)} more, and the disk of "${folder}" has ${byteSize(free)}, of which ${byteSize(reserve)} stay free. Free some space, and try again: what is here already stays.`,
    { needed: bytes, free, reserve, path: folder },
  )
}
