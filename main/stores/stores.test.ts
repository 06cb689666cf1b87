import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { Journal } from './journal.ts'
import { MediaNames } from './media.ts'
import { resolveInside, safeName, safeRelative } from './safe-name.ts'
import { SettingsStore } from './settings.ts'
import { Trash } from './trash.ts'

let root: string
const at = (...parts: string[]): string => join(root, ...parts)
beforeEach(async () => void (root = await mkdtemp(join(tmpdir(), 'pigment-stores-'))))
afterEach(() => rm(root, { recursive: true, force: true }))

const record = z.object({ n: z.number() })

test('a journal gives back what was set, in its order, whatever its tail', async () => {
  const journal = await Journal.open(at('j'), record)
  await Promise.all([journal.set('a', { n: 1 }), journal.set('b', { n: 2 }), journal.set('a', { n: 3 })])
  await journal.delete('b')
  await journal.set('c', { n: 4 })
  await journal.close()
  await appendFile(at('j'), '{"id":"d","sum":"deadbeef","value":{"n":5}}\n{"id":"a","su')
  const again = await Journal.open(at('j'), record)
  expect([again.values(), again.damaged]).toEqual([[{ n: 3 }, { n: 4 }], 2])
  await again.set('e', { n: 6 })
  await again.close()
  expect((await Journal.open(at('j'), record)).values()).toEqual([{ n: 3 }, { n: 4 }, { n: 6 }])
})

test('a journal cut at any byte opens with whole records only', async () => {
  const journal = await Journal.open(at('j'), record)
  for (let n = 0; n < 5; n++) await journal.set(`k${n}`, { n })
  await journal.close()
  const bytes = await readFile(at('j'))
  for (let length = 0; length < bytes.length; length += 7) {
    await writeFile(at('cut'), bytes.subarray(0, length))
    const values = (await Journal.open(at('cut'), record)).values()
    expect(values).toEqual(Array.from({ length: values.length }, (_, n) => ({ n })))
  }
})

test('settings: a field that does not fit falls back alone; a damaged file is set aside', async () => {
  await writeFile(at('settings.json'), JSON.stringify({ version: 1, language: 'zh', theme: 'neon', unknown: 1 }))
  expect((await SettingsStore.open(root)).value).toMatchObject({ language: 'zh', theme: 'system' })
  await writeFile(at('settings.json'), '{"language"')
  const store = await SettingsStore.open(root)
  expect(store.value.language).toBe('system')
  await store.change({ theme: 'dark' })
  expect((await SettingsStore.open(root)).value.theme).toBe('dark')
  expect((await readdir(root)).some((name) => name.startsWith('settings.json.damaged-'))).toBe(true)
})

test('settings of a newer version are read as far as they fit, and kept beside', async () => {
  const newer = JSON.stringify({ version: 7, language: 'zh', theme: 'sepia', added: true })
  await writeFile(at('settings.json'), newer)
  const store = await SettingsStore.open(root)
  expect(store.value).toMatchObject({ version: 1, language: 'zh', theme: 'system' })
  await store.change({ theme: 'light' })
  expect(await readFile(at('settings.version-7.json'), 'utf8')).toBe(newer)
})

test('what is deleted comes back as it was, and never over something new', async () => {
  await mkdir(at('trash'))
  await writeFile(at('a.txt'), 'a')
  const trash = new Trash(at('trash'))
  const id = await trash.move('things', [at('a.txt'), at('missing.txt')], { note: 1 })
  expect(await readdir(root)).toEqual(['trash'])
  await writeFile(at('a.txt'), 'new')
  await expect(trash.restore(id, 'things')).rejects.toMatchObject({ code: 'trash-conflict' })
  await rm(at('a.txt'))
  expect((await trash.restore(id, 'things')).facts).toEqual({ note: 1 })
  expect(await readFile(at('a.txt'), 'utf8')).toBe('a')
  await expect(trash.restore(id, 'things')).rejects.toMatchObject({ code: 'trash-missing' })
})

test('names are safe on every system, and short', () => {
  const bad = /[\\/:*?"<>|\0]|[. ]$|^\./
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), (text) => {
      const name = safeName(text)
      expect(name.length).toBeGreaterThan(0)
      expect(name).not.toMatch(bad)
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255)
    }),
  )
  expect(['con.txt', '苔藓 🌿.png', 'a\u202egnp.exe', '..'].map(safeName)).toEqual(['_con.txt', '苔藓 🌿.png', 'a_gnp.exe', '_'])
})

test('a path stays inside its folder, symbolic links too', async () => {
  await mkdir(at('in'))
  await mkdir(at('out'))
  await symlink(at('out'), at('in', 'link'))
  expect(await resolveInside(at('in'), 'a/../b.png').catch(({ code }: { code: string }) => code)).toBe('path-refused')
  for (const path of ['../x', '/x', 'C:\\x', '\\\\host\\x', 'a\0b', '', 'link/x'])
    await expect(resolveInside(at('in'), path)).rejects.toMatchObject({ code: 'path-refused' })
  expect(await resolveInside(at('in'), './b.png')).toBe(at('in', 'b.png'))
  expect(safeRelative('10_moss/a.png')).toEqual(['10_moss', 'a.png'])
})

test('media names tell nothing, and another state has another name', () => {
  const [one, other] = [new MediaNames(), new MediaNames()]
  const name = one.ofFile('/home/me/secret.png', 1)
  expect(name).toMatch(/^[\w-]{32}$/)
  expect([
    one.ofFile('/home/me/secret.png', 1),
    one.ofFile('/home/me/secret.png', 2) === name,
    other.ofFile('/home/me/secret.png', 1) === name,
  ]).toEqual([name, false, false])
  expect(() => one.find('../../etc/passwd')).toThrow(expect.objectContaining({ code: 'media-unknown' }))
})
