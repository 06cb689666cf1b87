import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PigmentError } from '../requests/error.ts'
import { fromFloat32 } from '../tensor/dtype.ts'
import { decodeFloat32 } from './safetensors-dtype.ts'
import { parseHeader } from './safetensors-header.ts'
import { openSafetensors, readBytes, readTensor, serializeSafetensors, writeSafetensors, type TensorToWrite } from './safetensors.ts'

let folder = ''
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'pigment-'))))
afterAll(() => rm(folder, { recursive: true }))

const f32 = (name: string, shape: number[], values: number[]): TensorToWrite => ({
  name,
  dtype: 'F32',
  shape,
  data: fromFloat32(Float32Array.from(values), 'float32'),
})

/** A file of any header text over `body` zero bytes. */
function raw(header: string | Uint8Array, body = 0, claimed?: bigint): Uint8Array {
  const json = typeof header === 'string' ? new TextEncoder().encode(header) : header
  const out = new Uint8Array(8 + json.length + body)
  new DataView(out.buffer).setBigUint64(0, claimed ?? BigInt(json.length), true)
  out.set(json, 8)
  return out
}

async function codeOf(bytes: Uint8Array, name = 'x.safetensors'): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, bytes)
  return openSafetensors(path).then(
    () => 'opened',
    (error: unknown) => (error instanceof PigmentError ? error.code : String(error)),
  )
}

const text = (content: string): Uint8Array => new TextEncoder().encode(content)
const many = (count: number, one: (i: number) => string): string => `{${Array.from({ length: count }, (_, i) => one(i)).join(',')}}`
const entry = (offsets: string, shape = '[2]', dtype = 'F32'): string => `{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}`

describe('safetensors', () => {
  test('what is written is read back', async () => {
    const path = join(folder, 'a.safetensors')
    const tensors = [
      f32('scalar', [], [3.5]),
      f32('empty', [0, 4], []),
      f32('matrix', [2, 3], [1, 2, 3, 4, 5, 6]),
      { name: 'half', dtype: 'F16', shape: [3], data: fromFloat32(Float32Array.from([1, -2, 0.5]), 'float16') },
      { name: 'ids', dtype: 'I64', shape: [2], data: new Uint8Array(new BigInt64Array([7n, -1n]).buffer) },
      { name: 'bytes', dtype: 'U8', shape: [3], data: Uint8Array.of(1, 2, 255) },
    ]
    await writeSafetensors(path, tensors, { ss_a: 'ünï', constructor: '2' })
    const file = await openSafetensors(path)
    const read = await Promise.all([...file.entries.keys()].map(async (name) => [name, await readTensor(file, name)]))
    expect(Object.fromEntries(read)).toEqual({
      ids: { shape: [2], data: Float32Array.of(7, -1) },
      empty: { shape: [0, 4], data: Float32Array.of() },
      matrix: { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
      scalar: { shape: [], data: Float32Array.of(3.5) },
      half: { shape: [3], data: Float32Array.of(1, -2, 0.5) },
      bytes: { shape: [3], data: Float32Array.of(1, 2, 255) },
    })
    expect([...file.entries.keys()]).toEqual(['ids', 'empty', 'matrix', 'scalar', 'half', 'bytes'])
    expect([...file.metadata]).toEqual([
      ['ss_a', 'ünï'],
      ['constructor', '2'],
    ])
    expect(await readBytes(file, 'bytes')).toEqual(Uint8Array.of(1, 2, 255))
    expect((8 + file.headerLength) % 8).toBe(0)
    expect(new Uint8Array(await readFile(path))).toEqual(serializeSafetensors(tensors, { ss_a: 'ünï', constructor: '2' }))
  })

  test('writes the bytes of the reference', () => {
    const bytes = serializeSafetensors([f32('b', [1], [1]), { name: 'a', dtype: 'U8', shape: [1], data: Uint8Array.of(9) }], { k: 'v' })
    const header =
      '{"__metadata__":{"k":"v"},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"U8","shape":[1],"data_offsets":[4,5]}}'
    expect(new TextDecoder().decode(bytes.subarray(8, -5))).toBe(header.padEnd(Math.ceil(header.length / 8) * 8))
    expect([...bytes.subarray(-5)]).toEqual([0, 0, 0x80, 0x3f, 9])
  })

  test('a lazy tensor is fetched when its turn comes', async () => {
    const path = join(folder, 'lazy.safetensors')
    await writeSafetensors(path, [{ name: 'a', dtype: 'U8', shape: [2], data: () => Promise.resolve(Uint8Array.of(4, 5)) }])
    expect(await readBytes(await openSafetensors(path), 'a')).toEqual(Uint8Array.of(4, 5))
  })

  test('reads both fp8 types', () => {
    expect([...(decodeFloat32(Uint8Array.of(0x38, 0xc0, 0x7e, 0x01, 0x00, 0x7f), 'F8_E4M3') ?? [])]).toEqual([1, -2, 448, 2 ** -9, 0, NaN])
    expect([...(decodeFloat32(Uint8Array.of(0x3c, 0xc0, 0x7b, 0x01, 0x7c, 0x7f), 'F8_E5M2') ?? [])]).toEqual([
      1,
      -2,
      57344,
      2 ** -16,
      Infinity,
      NaN,
    ])
  })

  test.each<[string, Uint8Array]>([
    ['safetensors-truncated', new Uint8Array(5)],
    ['safetensors-truncated', raw('{}', 0, 99n)],
    ['safetensors-truncated', raw(`{"a":${entry('[0,8]')}}`, 7)],
    ['safetensors-header', raw('{}', 0, 2n ** 63n)],
    ['safetensors-header', raw('{}', 0, 16_000_001n)],
    ['safetensors-header', raw(many(100_002, (i) => `"${i}":{}`))],
    ['safetensors-header', raw(`{"__metadata__":${many(100_001, (i) => `"${i}":""`)}}`)],
    ['safetensors-header', raw(`{"a":${many(17, (i) => `"${i}":[]`)}}`)],
    ['safetensors-header', raw(`{"a":{"shape":[${'1,'.repeat(64)}1]}}`)],
    ['safetensors-header', raw(`{"${'a'.repeat(1001)}":${entry('[0,8]')}}`, 8)],
    ['safetensors-header', raw(' {}')],
    ['safetensors-header', raw('')],
    ['safetensors-header', raw('{"a":1}')],
    ['safetensors-header', raw('{"a"')],
    ['safetensors-header', raw('{"a\\')],
    ['safetensors-header', raw('{} {}')],
    ['safetensors-header', raw(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d))],
    ['safetensors-header', raw('{"a":' + '['.repeat(100_000))],
    ['safetensors-header', raw(`{"a":${entry('[0,-8]')}}`, 8)],
    ['safetensors-header', raw(`{"a":${entry('[0,8.0]')}}`, 8)],
    ['safetensors-header', raw(`{"a":${entry('[0,"8"]')}}`, 8)],
    ['safetensors-header', raw(`{"a":${entry('[0,9007199254740993]')}}`, 8)],
    ['safetensors-header', raw(`{"a":${entry('[0]')}}`, 8)],
    ['safetensors-metadata', raw('{"__metadata__":{"a":1}}')],
    ['safetensors-metadata', raw('{"__metadata__":"a"}')],
    ['safetensors-duplicate-key', raw(`{"a":${entry('[0,8]')},"\\u0061":${entry('[0,8]')}}`, 8)],
    ['safetensors-duplicate-key', raw(`{"__metadata__":{},"__metadata__":{}}`)],
    ['safetensors-offsets', raw(`{"a":${entry('[8,0]')}}`, 8)],
    ['safetensors-dtype', raw(`{"a":${entry('[0,8]', '[2]', 'F33')}}`, 8)],
    ['safetensors-size', raw(`{"a":${entry('[0,8]', '[3]')}}`, 8)],
    ['safetensors-size', raw(`{"a":${entry('[0,1]', '[1]', 'F4')}}`, 1)],
    ['safetensors-shape', raw(`{"a":${entry('[0,8]', '[2,1,1,1,1,1,1,1,1]')}}`, 8)],
    ['safetensors-overflow', raw(`{"a":${entry('[0,0]', '[4294967296,4294967296,0]')}}`)],
    ['safetensors-hole', raw(`{"a":${entry('[8,16]')}}`, 16)],
    ['safetensors-hole', raw(`{"a":${entry('[0,8]')},"b":${entry('[9,17]')}}`, 17)],
    ['safetensors-overlap', raw(`{"a":${entry('[0,8]')},"b":${entry('[4,12]')}}`, 12)],
    ['safetensors-overlap', raw(`{"a":${entry('[0,8]')},"b":${entry('[0,8]')}}`, 8)],
    ['safetensors-trailing', raw(`{"a":${entry('[0,8]')}}`, 9)],
    ['safetensors-trailing', raw('{}', 1)],
    ['opened', raw(`{"__proto__":${entry('[0,8]')},"e":${entry('[8,8]', '[0]')}}`, 8)],
    ['opened', raw('{}   ')],
    ['opened', raw('{}'.padEnd(0x280))],
    ['opened', raw(`{"__metadata__":${many(300, (i) => `"ss_${i}":""`)}}`)],
    ['safetensors-pointer', text('version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 4265380512\n')],
    ['safetensors-page', text('<!DOCTYPE html>\n<html lang="en"><head><title>Sign in</title>')],
    ['safetensors-page', text('\ufeff\r\n  <html>')],
    ['safetensors-other-file', text('{"error":"Unauthorized","message":"The creator requires you to be logged in"}')],
    ['safetensors-other-file', text('Invalid username or password.')],
    ['safetensors-other-file', text('GGUF\u0003\0\0\0\0')],
    ['safetensors-other-file', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0)],
    ['safetensors-other-file', Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0)],
    ['safetensors-other-file', new Uint8Array(4096)],
    // Printable only in part: a header of 0x7b22 bytes.
    ['safetensors-truncated', Uint8Array.of(0x22, 0x7b, 0, 0, 0, 0, 0, 0, 0x7b)],
  ])('%s', async (code, bytes) => {
    expect(await codeOf(bytes)).toBe(code)
  })

  test('a page, a pointer and an answer of a site are said by name, with what to do', async () => {
    const said = async (name: string, content: string): Promise<string> => {
      await writeFile(join(folder, name), content)
      return openSafetensors(join(folder, name)).then(
        () => '',
        (error: Error) => error.message,
      )
    }
    expect(await said('page.safetensors', '<html><script>')).toMatch(/is a web page.*download the file again\.$/)
    expect(await said('pointer.safetensors', 'version https://git-lfs.github.com/spec/v1\noid sha256:4d\nsize 4265380512\n')).toMatch(
      /Git LFS pointer.*one of 4265380512 bytes.*git lfs pull/,
    )
    expect(await said('answer.safetensors', '{"error":"\u001b[31mNo"}')).toMatch(/begins with "\{\\"error\\":\\"\[31mNo\\"\}"/)
    expect(await said('noise.safetensors', '\u0001\u0002 noise that is no text')).not.toMatch(/\d{12}/)
  })

  test('says what is wrong, where, what was expected, and what to do', async () => {
    const path = join(folder, 'cut.safetensors')
    await writeFile(path, raw(`{"a":${entry('[0,8]')}}`, 7))
    await expect(openSafetensors(path)).rejects.toThrow(/cut\.safetensors": the file is cut off: expected \d+ bytes, got \d+\. .* again\.$/)
  })

  test('a missing file, a folder and a changed file have their own codes', async () => {
    await expect(openSafetensors(join(folder, 'none.safetensors'))).rejects.toMatchObject({ code: 'file-not-found' })
    await expect(openSafetensors(folder)).rejects.toMatchObject({ code: 'is-folder' })
    const path = join(folder, 'changing.safetensors')
    await writeSafetensors(path, [f32('a', [1], [1])])
    const file = await openSafetensors(path)
    await writeSafetensors(path, [f32('a', [2], [1, 2])])
    await expect(readTensor(file, 'a')).rejects.toMatchObject({ code: 'file-changed' })
    await expect(readTensor(file, 'b')).rejects.toMatchObject({ code: 'safetensors-missing-tensor' })
  })

  test('refuses to write what no reader would accept', () => {
    for (const bad of [
      [f32('a', [1], [1]), f32('a', [1], [1])],
      [f32('__metadata__', [1], [1])],
      [f32('a', [2], [1])],
      [{ ...f32('a', [1], [1]), dtype: 'F33' }],
    ])
      expect(() => serializeSafetensors(bad)).toThrow(PigmentError)
  })

  test('a mutated header is either sound or refused with a code', () => {
    const sound = serializeSafetensors([f32('a', [2, 2], [1, 2, 3, 4]), f32('b', [], [1])], { k: 'v' })
    const headerEnd = sound.length - 20
    const mutation = fc.array(fc.tuple(fc.nat(headerEnd - 9), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(mutation, (changes) => {
        const header = sound.slice(8, headerEnd)
        for (const [at, byte] of changes) header[at] = byte
        expectSoundOrRefused(header, sound.length)
      }),
      { numRuns: 2000 },
    )
  })

  test('any JSON for a header is either sound or refused with a code', () => {
    const value = fc.oneof(
      fc.json(),
      fc
        .record({ dtype: fc.constantFrom('F32', 'F4', 'X'), shape: fc.array(fc.integer()), data_offsets: fc.array(fc.integer()) })
        .map((x) => JSON.stringify(x)),
    )
    const object = fc
      .array(fc.tuple(fc.constantFrom('a', 'b', '__metadata__', '__proto__'), value))
      .map((pairs) => `{${pairs.map(([key, text]) => `"${key}":${text}`).join(',')}}`)
    fc.assert(
      fc.property(object, fc.nat(200), (text, extra) => {
        const header = new TextEncoder().encode(text)
        expectSoundOrRefused(header, 8 + header.length + extra)
      }),
      { numRuns: 1000 },
    )
  })
})

function expectSoundOrRefused(header: Uint8Array, size: number): void {
  try {
    const { entries } = parseHeader('fuzz', header, size)
    for (const { offset, length } of entries.values()) expect(offset >= 0 && offset + length <= size).toBe(true)
  } catch (error) {
    expect(error).toBeInstanceOf(PigmentError)
  }
}
