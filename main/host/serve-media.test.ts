// What is served of a person's files: the four kinds of picture, by what they are and not by their names.
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { encodePng } from '../../engine/images/write-png.ts'
import { MediaNames } from '../stores/media.ts'
import type { ToolsProcess } from '../operations/workers.ts'
import { mediaServer } from './serve-media.ts'

let folder: string
const names = new MediaNames()
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'pigment-media-'))))
afterAll(() => rm(folder, { recursive: true, force: true }))

async function served(name: string, content: string | Uint8Array): Promise<Response> {
  const path = join(folder, name)
  await writeFile(path, content)
  return mediaServer(names, folder, {} as ToolsProcess)(names.ofFile(path, 1), 0)
}

test('an SVG or a page in the clothes of a picture is not served (ComfyUI CVE-2026-56670)', async () => {
  const script = '<script>alert(1)</script>'
  for (const [name, content] of [
    ['a.svg', `<svg xmlns="http://www.w3.org/2000/svg">${script}</svg>`],
    ['b.png', `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg">${script}</svg>`],
    ['c.webp', `<!doctype html>${script}`],
    ['d.jpg', `GIF89a${script}`],
  ] as const) {
    const answer = await served(name, content)
    expect([name, answer.status, answer.headers.get('content-type')]).toEqual([name, 422, 'application/json'])
    expect(await answer.text()).not.toContain('<script')
  }
})

test('a picture has the type that it is, under the policy, and is not sniffed', async () => {
  const answer = await served('really-a.jpg', await encodePng({ width: 1, height: 1, data: new Uint8Array(3) }))
  expect([answer.status, answer.headers.get('content-type'), answer.headers.get('x-content-type-options')]).toEqual([
    200,
    'image/png',
    'nosniff',
  ])
  expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'")
  await answer.body?.cancel()
})

test('a picture that grows while it is sent is as long as its head says, and an empty file is sent too', async () => {
  const whole = await encodePng({ width: 2, height: 2, data: new Uint8Array(12) })
  const answer = await served('growing.png', whole)
  await appendFile(join(folder, 'growing.png'), 'more')
  expect(Number(answer.headers.get('content-length'))).toBe(whole.length)
  expect((await answer.arrayBuffer()).byteLength).toBe(whole.length)
  await writeFile(join(folder, 'empty'), '')
  const empty = await mediaServer(names, folder, {} as ToolsProcess)(names.ofFile(join(folder, 'empty'), 1, 'file'), 0)
  expect([empty.status, (await empty.arrayBuffer()).byteLength]).toEqual([200, 0])
})
