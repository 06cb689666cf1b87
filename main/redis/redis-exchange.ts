// Parts of steps by a stream of Redis: everybody adds, everybody reads from the beginning, and old ones fall out.
import type { Redis } from 'ioredis'
import type { Part, PartLine } from '../../engine/training/exchange.ts'
import type { QueueAddress } from './address.ts'
import { connect, keyPrefix } from './connection.ts'

/** Nobody is more than a step ahead of those who come in time. */
const kept = 3
/** Seconds after the last part; a run that goes on later begins anew at its checkpoint. */
const lifetime = 86_400
const pause = 500

/** `parts` of each step, at most. */
export async function redisLine(address: QueueAddress, group: string, parts: number): Promise<PartLine> {
  const key = `${keyPrefix}:parts:${group}`
  const [sender, reader] = [await connect(address), await connect(address)]
  let closed = false
  let reading: Promise<void> = Promise.resolve()
  return {
    async post(part) {
      await sender.xadd(key, 'MAXLEN', kept * parts, '*', 'p', encodePart(part))
      await sender.expire(key, lifetime)
    },
    hear(listener) {
      const read = async (): Promise<void> => {
        for (let from = '0'; !closed;) from = await next(reader, key, from, listener)
      }
      reading = read()
    },
    async [Symbol.asyncDispose]() {
      closed = true
      reader.disconnect()
      await reading
      sender.disconnect()
    },
  }
}

/** Hears what is new and gives the place to go on from. A server that is away is waited for. */
async function next(reader: Redis, key: string, from: string, listener: (part: Part) => void): Promise<string> {
  try {
    const found = (await reader.xreadBuffer('COUNT', 64, 'BLOCK', 1000, 'STREAMS', key, from)) as [Buffer, [Buffer, Buffer[]][]][] | null
    let last = from
    for (const [id, [, bytes]] of found?.[0]?.[1] ?? []) {
      last = id.toString()
      if (bytes) listener(decodePart(bytes))
    }
    return last
  } catch {
    await new Promise((done) => setTimeout(done, pause))
    return from
  }
}

/** A line of JSON, then the gradient's bytes in the order of this machine: little-endian on all that Pigment runs on. */
export function encodePart({ gradient, ...facts }: Part): Buffer {
  const { buffer, byteOffset, byteLength } = gradient
  return Buffer.concat([Buffer.from(`${JSON.stringify(facts)}\n`), new Uint8Array(buffer, byteOffset, byteLength)])
}

export function decodePart(bytes: Buffer): Part {
  const at = bytes.indexOf(10)
  const facts = JSON.parse(bytes.subarray(0, at).toString()) as Omit<Part, 'gradient'>
  // A copy, because numbers must lie at multiples of their size.
  const own = new Uint8Array(bytes.subarray(at + 1))
  return { ...facts, gradient: new Float32Array(own.buffer, 0, own.byteLength / 4) }
}
