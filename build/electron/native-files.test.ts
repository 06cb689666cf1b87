import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { foreignLibraries, madeFor } from './native-files.ts'

function head(fill: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.alloc(256)
  fill(bytes)
  return bytes
}
const linux = head((bytes) => (bytes.writeUInt32BE(0x7f454c46), bytes.writeUInt16LE(0x3e, 18)))
const windows = head(
  (bytes) => (bytes.write('MZ'), bytes.writeUInt32LE(128, 0x3c), bytes.write('PE', 128), bytes.writeUInt16LE(0xaa64, 132)),
)
const apple = head((bytes) => (bytes.writeUInt32LE(0xfeedfacf), bytes.writeUInt32LE(0x0100000c, 4)))
const universal = head((bytes) => {
  bytes.writeUInt32BE(0xcafebabe)
  for (const [at, value] of [2, 0x01000007].entries()) bytes.writeUInt32BE(value, 4 + 4 * at)
  bytes.writeUInt32BE(0x0100000c, 28)
})

test('the first bytes of a library say what it is made for', () => {
  expect([linux, windows, apple, universal, Buffer.from('text')].map(madeFor)).toEqual([
    ['linux-x64'],
    ['win32-arm64'],
    ['darwin-arm64'],
    ['darwin-x64', 'darwin-arm64'],
    [],
  ])
})

test("another system's library is found, and only libraries are looked at", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pigment-native-'))
  try {
    await mkdir(join(folder, 'lib'))
    const files = {
      'addon.node': linux,
      'libvips.so.8.18.7': linux,
      'lib/DirectML.dll': windows,
      'lib/both.dylib': universal,
      'a.txt': apple,
    }
    for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes)
    expect((await foreignLibraries(folder, 'linux-x64')).sort()).toEqual([
      `${join('lib', 'DirectML.dll')} (win32-arm64)`,
      `${join('lib', 'both.dylib')} (darwin-x64, darwin-arm64)`,
    ])
  } finally {
    await rm(folder, { recursive: true })
  }
})
