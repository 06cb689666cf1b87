// Libraries of Windows: machine, imports and version of a PE file ("PE Format", Microsoft Learn).
import { exactly } from './elf.ts'
import type { ReadAt, SharedLibrary } from './library.ts'

const machines: Readonly<Record<number, string>> = { 0x14c: 'win32-ia32', 0x8664: 'win32-x64', 0xaa64: 'win32-arm64' }
const directory = { imports: 1, resources: 2, delayed: 13 }
const most = { sections: 96, rows: 1024, name: 512, resources: 8 << 20 }
/** Of VS_FIXEDFILEINFO. */
const versionMark = Buffer.from([0xbd, 0x04, 0xef, 0xfe])

interface Section {
  readonly address: number
  readonly size: number
  readonly offset: number
}

/** Undefined for what is no PE. Throws RangeError where it ends early. */
export async function readPe(read: ReadAt): Promise<SharedLibrary | undefined> {
  const dos = await read(0, 64)
  if (dos.length < 64 || dos.toString('latin1', 0, 2) !== 'MZ') return undefined
  const at = dos.readUInt32LE(0x3c)
  const head = await read(at, 24)
  if (head.length < 24 || head.toString('latin1', 0, 4) !== 'PE\0\0') return undefined
  const machine = head.readUInt16LE(4)
  const system = machines[machine] ?? `PE machine 0x${machine.toString(16)}`
  const [count, optionalSize] = [head.readUInt16LE(6), head.readUInt16LE(20)]
  if (count > most.sections) throw new RangeError('it has too many sections')
  const optional = await exactly(read, at + 24, optionalSize)
  // 64 bits alone: nothing here could load others.
  if (optionalSize < 112 || optional.readUInt16LE(0) !== 0x20b) return { system, needed: [] }
  const table = await exactly(read, at + 24 + optionalSize, 40 * count)
  const sections = Array.from({ length: count }, (_, i): Section => {
    const row = table.subarray(40 * i)
    return { address: row.readUInt32LE(12), size: row.readUInt32LE(16), offset: row.readUInt32LE(20) }
  })
  const place = (index: number): { address: number; size: number } =>
    index < optional.readUInt32LE(108) && 112 + 8 * index + 8 <= optionalSize
      ? { address: optional.readUInt32LE(112 + 8 * index), size: optional.readUInt32LE(116 + 8 * index) }
      : { address: 0, size: 0 }
  const needed = [
    ...(await names(read, sections, place(directory.imports).address, { row: 20, name: 12 })),
    ...(await names(read, sections, place(directory.delayed).address, { row: 32, name: 4 })),
  ]
  const version = await versionOf(read, sections, place(directory.resources))
  return { system, needed, ...(version === undefined ? {} : { version }) }
}

/** A table of rows that ends with a row of zeros; each points at the name of a library. */
async function names(read: ReadAt, sections: readonly Section[], table: number, layout: { row: number; name: number }): Promise<string[]> {
  if (table === 0) return []
  const found: string[] = []
  const start = offsetOf(table, sections)
  for (let i = 0; i < most.rows; i++) {
    const row = await exactly(read, start + i * layout.row, layout.row)
    const name = row.readUInt32LE(layout.name)
    if (name === 0) return found
    const bytes = await read(offsetOf(name, sections), most.name)
    const end = bytes.indexOf(0)
    if (end < 0) throw new RangeError('a name has no end')
    found.push(bytes.toString('latin1', 0, end))
  }
  throw new RangeError('its table of imports has no end')
}

async function versionOf(read: ReadAt, sections: readonly Section[], { address, size }: { address: number; size: number }) {
  if (address === 0) return undefined
  const bytes = await read(offsetOf(address, sections), Math.min(size, most.resources))
  const at = bytes.indexOf(versionMark)
  if (at < 0 || at + 16 > bytes.length) return undefined
  return [10, 8, 14, 12].map((part) => bytes.readUInt16LE(at + part)).join('.')
}

function offsetOf(address: number, sections: readonly Section[]): number {
  const holder = sections.find(({ address: from, size }) => address >= from && address < from + size)
  if (!holder) throw new RangeError('it points outside of its sections')
  return address - holder.address + holder.offset
}
