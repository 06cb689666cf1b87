// Libraries of Linux: the header and the dynamic section of ELF ("Tool Interface Standard, Executable and Linking Format", chapters 1 and 2).
import type { ReadAt, SharedLibrary } from './library.ts'

const machines: Readonly<Record<number, string>> = { 3: 'linux-ia32', 40: 'linux-arm', 62: 'linux-x64', 183: 'linux-arm64' }
const segment = { load: 1, dynamic: 2 }
const tag = { end: 0, needed: 1, strings: 5, stringsSize: 10, soname: 14 }
/** Far above what any library has: what is more is damage, and must not become memory. */
const most = { segments: 512, dynamic: 1 << 20, name: 4096, needed: 1024 }

interface Segment {
  readonly type: number
  readonly offset: number
  readonly address: number
  readonly size: number
}

/** What can load it, by its first bytes; undefined for what is no ELF. Of other widths and byte orders only that is said. */
export function elfSystem(head: Buffer): string | undefined {
  if (head.length < 20 || head.readUInt32BE(0) !== 0x7f454c46) return undefined
  const [wide, little] = [head[4] === 2, head[5] === 1]
  if (!little) return 'a processor of the other byte order'
  const machine = head.readUInt16LE(18)
  const system = machines[machine] ?? `ELF machine ${machine}`
  return wide || /ia32|arm$/.test(system) ? system : `${system}, 32 bits`
}

/** Undefined for what is no ELF. Throws RangeError where it ends early. */
export async function readElf(read: ReadAt): Promise<SharedLibrary | undefined> {
  const head = await read(0, 64)
  const system = elfSystem(head)
  if (system === undefined) return undefined
  // Nothing here could load others.
  if (head[4] !== 2 || head[5] !== 1) return { system, needed: [] }
  if (head.length < 64) throw new RangeError('its header ends early')
  const segments = await segmentsOf(read, head)
  const dynamic = segments.find(({ type }) => type === segment.dynamic)
  if (!dynamic) return { system, needed: [] }
  if (dynamic.size > most.dynamic) throw new RangeError('its dynamic section is too large')
  const entries = pairs(await exactly(read, dynamic.offset, dynamic.size))
  const first = (wanted: number): number | undefined => entries.find(([kind]) => kind === wanted)?.[1]
  const [address, size] = [first(tag.strings), first(tag.stringsSize)]
  if (address === undefined || size === undefined) return { system, needed: [] }
  const table = offsetOf(address, segments)
  const name = async (at: number): Promise<string> => {
    if (at >= size) throw new RangeError('a name lies outside its table of names')
    const bytes = await exactly(read, table + at, Math.min(most.name, size - at))
    const end = bytes.indexOf(0)
    if (end < 0) throw new RangeError('a name has no end')
    return bytes.toString('latin1', 0, end)
  }
  const asked = entries.flatMap(([kind, value]) => (kind === tag.needed ? [value] : []))
  if (asked.length > most.needed) throw new RangeError('it asks for too many libraries')
  const needed: string[] = []
  for (const at of asked) needed.push(await name(at))
  const soname = first(tag.soname)
  return { system, needed, ...(soname === undefined ? {} : { soname: await name(soname) }) }
}

async function segmentsOf(read: ReadAt, head: Buffer): Promise<Segment[]> {
  const [at, size, count] = [whole(head, 32), head.readUInt16LE(54), head.readUInt16LE(56)]
  if (size < 56 || count > most.segments) throw new RangeError('its table of segments makes no sense')
  const table = await exactly(read, at, size * count)
  return Array.from({ length: count }, (_, i) => {
    const row = table.subarray(i * size)
    return { type: row.readUInt32LE(0), offset: whole(row, 8), address: whole(row, 16), size: whole(row, 32) }
  })
}

/** Where in the file lies what is loaded at an address. */
function offsetOf(address: number, segments: readonly Segment[]): number {
  const holder = segments.find(({ type, address: from, size }) => type === segment.load && address >= from && address < from + size)
  if (!holder) throw new RangeError('its table of names lies in no segment')
  return address - holder.address + holder.offset
}

/** Until the end that it tells. */
function pairs(dynamic: Buffer): [tag: number, value: number][] {
  const all = Array.from(
    { length: Math.floor(dynamic.length / 16) },
    (_, i) => [whole(dynamic, 16 * i), whole(dynamic, 16 * i + 8)] as [number, number],
  )
  const end = all.findIndex(([kind]) => kind === tag.end)
  return end < 0 ? all : all.slice(0, end)
}

/** 64 bits. Values beyond 2⁵³ are addresses of nothing; they round, and then fit nowhere. */
const whole = (bytes: Buffer, at: number): number => Number(bytes.readBigUInt64LE(at))

export async function exactly(read: ReadAt, position: number, length: number): Promise<Buffer> {
  if (!Number.isSafeInteger(position + length)) throw new RangeError('it points outside of itself')
  const bytes = await read(position, length)
  if (bytes.length < length) throw new RangeError(`it ends before byte ${position + length}`)
  return bytes
}
