// Libraries of a few hundred bytes, with the headers that the loader reads, and packages of them as their makers pack them.
import { createHash } from 'node:crypto'
import { zip, type ZipEntry } from '../files/testing-zip.ts'

export interface ElfOptions {
  readonly needed?: readonly string[]
  readonly soname?: string
  /** 62: x64; 183: arm64. */
  readonly machine?: number
  /** Stands in it among other texts. */
  readonly text?: string
}

/** One segment holds all of it; a second one is the dynamic section. */
export function elf({ needed = [], soname, machine = 62, text = '' }: ElfOptions = {}): Buffer {
  const names = [...needed, ...(soname === undefined ? [] : [soname])]
  const strings = Buffer.from(`\0${names.map((name) => `${name}\0`).join('')}\0${text}\0`, 'latin1')
  const offsets = names.map((name) => strings.indexOf(`\0${name}\0`) + 1)
  const [dynamicAt, base] = [64 + 2 * 56, 0x10000]
  const entries: [number, number][] = [
    ...needed.map((_, i): [number, number] => [1, offsets[i] ?? 0]),
    ...(soname === undefined ? [] : [[14, offsets.at(-1) ?? 0] as [number, number]]),
    [5, 0],
    [10, strings.length],
    [0, 0],
  ]
  const stringsAt = dynamicAt + 16 * entries.length
  const bytes = Buffer.alloc(stringsAt + strings.length)
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
  bytes.writeUInt16LE(3, 16)
  bytes.writeUInt16LE(machine, 18)
  const eight = (value: number, at: number): void => void bytes.writeBigUInt64LE(BigInt(value), at)
  eight(64, 32)
  bytes.writeUInt16LE(56, 54)
  bytes.writeUInt16LE(2, 56)
  const segment = (at: number, type: number, offset: number, size: number): void => {
    bytes.writeUInt32LE(type, at)
    eight(offset, at + 8)
    eight(base + offset, at + 16)
    eight(size, at + 32)
  }
  segment(64, 1, 0, bytes.length)
  segment(64 + 56, 2, dynamicAt, 16 * entries.length)
  entries.forEach(([tag, value], i) => {
    eight(tag, dynamicAt + 16 * i)
    eight(tag === 5 ? base + stringsAt : value, dynamicAt + 16 * i + 8)
  })
  bytes.set(strings, stringsAt)
  return bytes
}

/** One section holds the table of imports, their names and the version. */
export function pe(imports: readonly string[], version: readonly [number, number, number, number]): Buffer {
  const [sectionAt, address] = [0x200, 0x1000]
  const table = 20 * (imports.length + 1)
  const names = imports.map((name) => Buffer.from(`${name}\0`, 'latin1'))
  const resourcesAt = table + names.reduce((sum, { length }) => sum + length, 0)
  const section = Buffer.alloc(resourcesAt + 32)
  let at = table
  names.forEach((name, i) => {
    section.writeUInt32LE(address + at, 20 * i + 12)
    section.set(name, at)
    at += name.length
  })
  section.set([0xbd, 0x04, 0xef, 0xfe], resourcesAt)
  ;[10, 8, 14, 12].forEach((part, i) => section.writeUInt16LE(version[i] ?? 0, resourcesAt + part))
  const head = Buffer.alloc(sectionAt)
  head.write('MZ', 0, 'latin1')
  head.writeUInt32LE(0x40, 0x3c)
  head.write('PE\0\0', 0x40, 'latin1')
  head.writeUInt16LE(0x8664, 0x44)
  head.writeUInt16LE(1, 0x46)
  head.writeUInt16LE(240, 0x54)
  const optional = 0x58
  head.writeUInt16LE(0x20b, optional)
  head.writeUInt32LE(16, optional + 108)
  head.writeUInt32LE(address, optional + 112 + 8)
  head.writeUInt32LE(table, optional + 116 + 8)
  head.writeUInt32LE(address + resourcesAt, optional + 112 + 16)
  head.writeUInt32LE(32, optional + 116 + 16)
  const row = optional + 240
  head.writeUInt32LE(address, row + 12)
  head.writeUInt32LE(section.length, row + 16)
  head.writeUInt32LE(sectionAt, row + 20)
  return Buffer.concat([head, section])
}

/** As pip and wheel write it, its list of hashes with it. */
export function wheel(name: string, version: string, files: Readonly<Record<string, Buffer>>, more: readonly ZipEntry[] = []): Buffer {
  const info = `${name.replaceAll('-', '_')}-${version}.dist-info`
  const hash = (data: Buffer): string => createHash('sha256').update(data).digest('base64url')
  const record = Object.entries(files).map(([path, data]) => `${path},sha256=${hash(data)},${data.length}`)
  return zip([
    ...Object.entries(files).map(([path, data]) => ({ name: path, data })),
    ...more,
    { name: `${info}/METADATA`, data: Buffer.from(`Metadata-Version: 2.4\nName: ${name}\nVersion: ${version}\n\nText\n`) },
    { name: `${info}/RECORD`, data: Buffer.from([...record, `${info}/RECORD,,`].join('\n')) },
  ])
}

export const nupkg = (id: string, version: string, files: Readonly<Record<string, Buffer>>): Buffer =>
  zip([
    { name: `${id}.nuspec`, data: Buffer.from(`<package><metadata><id>${id}</id><version>${version}</version></metadata></package>`) },
    ...Object.entries(files).map(([path, data]) => ({ name: path, data })),
  ])

/** A provider library of CUDA 13. */
export const provider = (version: string, { machine = 62, cuda = 13 } = {}): Buffer =>
  elf({
    machine,
    needed: [`libcublasLt.so.${cuda}`, `libcublas.so.${cuda}`, 'libcurand.so.10', `libcudart.so.${cuda}`, 'libcuda.so.1', 'libc.so.6'],
    text: `\0${version}\0`,
  })

/** NVIDIA's libraries of CUDA 13 by name. */
export const nvidia: Readonly<Record<string, Buffer>> = Object.fromEntries(
  (
    [
      ['libcudart.so.13', ['libc.so.6']],
      ['libcublas.so.13', ['libcublasLt.so.13', 'libc.so.6']],
      ['libcublasLt.so.13', ['libc.so.6']],
      ['libcurand.so.10', ['libcudart.so.13', 'libc.so.6']],
      ['libcudnn.so.9', ['libc.so.6']],
      ['libcudnn_graph.so.9', ['libc.so.6']],
      ['libcudnn_cnn.so.9', ['libcudnn_graph.so.9', 'libc.so.6']],
      ['libnvrtc.so.13', ['libc.so.6']],
      ['libnvrtc-builtins.so.13.0', ['libc.so.6']],
    ] as const
  ).map(([soname, needed]) => [soname, elf({ soname, needed })]),
)
