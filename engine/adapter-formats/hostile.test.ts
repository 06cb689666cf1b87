import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

let folder = ''
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'pigment-'))))
afterAll(() => rm(folder, { recursive: true }))

/** As long as a header may be. */
const longest = 16_000_000
/** `start`, as many of the pieces as fit, `end`. */
function filled(start: string, more: string | ((i: number) => string), end: string): string {
  const room = longest - start.length - end.length
  if (typeof more === 'string') return start + more.repeat(Math.floor(room / Buffer.byteLength(more))) + end
  let middle = ''
  for (let i = 0; middle.length < room - 1000; i++) middle += more(i)
  return start + middle + end
}
const pair = '{"dtype":"F32","shape":[0],"data_offsets":[0,0]}'
const key = 'unet.mid_block.attentions.0.proj_in.lora_A.weight'

const headers: readonly (readonly [code: string, header: string])[] = [
  ['safetensors-header', filled('{"-":{}', (i) => `,"${i}":{}`, '}')],
  ['safetensors-header', filled('{"a":{"shape":[0', ',0', ']}}')],
  ['safetensors-header', filled('{"a":{"-":[]', (i) => `,"${i}":[]`, '}}')],
  ['safetensors-header', filled('{"__metadata__":{"-":""', (i) => `,"${i}":""`, '}}')],
  // Within every limit but that of the format: 100,000 tensors with lists that mean nothing.
  ['safetensors-header', filled('{"-":{}', (i) => `,"${i}":{${Array.from({ length: 15 }, (_, k) => `"${k}":[0,0,0]`).join(',')}}`, '}')],
  ['safetensors-header', filled('{"a":"', '\\u0061\\u0062', '"}')],
  ['safetensors-header', filled('{"a":', '9', '}')],
  ['safetensors-metadata', filled('{"__metadata__":"', '猫', '"}')],
  // A sound header whose metadata is read as JSON once more.
  ['adapter-broken', filled(`{"${key}":${pair},"__metadata__":{"lora_adapter_metadata":"{\\"unet.r\\":[{}`, ',{}', ']}"}}')],
]

test('whatever a header claims, reading it stays within a gigabyte', async () => {
  const paths: string[] = []
  const put = async (name: string, length: number, content: string): Promise<void> => {
    const path = join(folder, name)
    const file = await open(path, 'w')
    const first = Buffer.alloc(8)
    first.writeBigUInt64LE(BigInt(length))
    await file.write(first)
    await file.write(content)
    // The rest is a hole: it takes no disk.
    await file.truncate(8 + length)
    await file.close()
    paths.push(path)
  }
  for (const [i, [, header]] of headers.entries()) await put(`${i}.safetensors`, Buffer.byteLength(header), header)
  await put(
    'longer.safetensors',
    95_000_000,
    filled('{"-":{}', (i) => `,"${i}":{}`, '}'),
  )
  const config = join(folder, 'peft')
  await mkdir(config)
  paths.push(config)
  await writeFile(join(config, 'adapter_config.json'), `{"target_modules":${filled('[{}', ',{}', ']')}}`)
  const file = Buffer.alloc(8)
  const header = `{"base_model.model.mid_block.attentions.0.proj_in.lora_A.weight":${pair}}`
  file.writeBigUInt64LE(BigInt(header.length))
  await writeFile(join(config, 'adapter_model.safetensors'), Buffer.concat([file, Buffer.from(header)]))

  const child = fileURLToPath(new URL('testing-hostile.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', child, ...paths])
  const { codes, kilobytes } = JSON.parse(stdout) as { codes: string[]; kilobytes: number }
  expect(codes).toEqual([...headers.map(([code]) => code), 'safetensors-header', 'adapter-broken'])
  expect(kilobytes).toBeLessThan(1_000_000)
})
