import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readLibrary } from './library.ts'
import { elf, pe } from './testing-libraries.ts'

let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'pigment-library-'))))
afterAll(() => rm(folder, { recursive: true, force: true }))

async function read(bytes: Uint8Array) {
  const path = join(folder, 'library')
  await writeFile(path, bytes)
  return await readLibrary(path).catch((error: { code: string }) => error.code)
}
const linux = elf({ needed: ['libcublasLt.so.13', 'libc.so.6'], soname: 'libcublas.so.13' })
const windows = pe(['cudart64_13.dll', 'KERNEL32.dll'], [32, 0, 15, 8097])

test('of a library it is read what loads it, its name and what it asks for', async () => {
  expect(await read(linux)).toEqual({ system: 'linux-x64', needed: ['libcublasLt.so.13', 'libc.so.6'], soname: 'libcublas.so.13' })
  expect(await read(elf({ machine: 183 }))).toMatchObject({ system: 'linux-arm64' })
  expect(await read(windows)).toEqual({ system: 'win32-x64', needed: ['cudart64_13.dll', 'KERNEL32.dll'], version: '32.0.15.8097' })
  expect(await read(Buffer.from('a text, and no library at all; long enough to have the header of one, which it has not'))).toBeUndefined()
})

test('a library that is cut off or whose bytes are wrong is damaged or no library, and nothing else happens', async () => {
  const seen = new Set<unknown>()
  for (const whole of [linux, windows])
    for (let length = 0; length < whole.length; length += 23) seen.add(outcome(await read(whole.subarray(0, length))))
  for (const [i, whole] of [linux, windows].entries())
    for (let at = 16; at < whole.length; at += 11) {
      const wrong = Buffer.from(whole)
      wrong[at] = (wrong[at] ?? 0) ^ (i === 0 ? 0xff : 0x81)
      seen.add(outcome(await read(wrong)))
    }
  expect([...seen].filter((one) => typeof one === 'string')).toEqual(['library-damaged'])
})
const outcome = (found: unknown): unknown => (typeof found === 'string' ? found : found === undefined)
