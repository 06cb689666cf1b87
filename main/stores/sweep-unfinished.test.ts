import { mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeDataset } from '../operations/testing.ts'
import { hostApi, type StudioApi } from '../host/host-api.ts'
import { openHost, type StudioHost } from '../host/host.ts'

let root: string
const at = (...parts: string[]): string => join(root, ...parts)
beforeEach(async () => void (root = await mkdtemp(join(tmpdir(), 'pigment-sweep-'))))
afterEach(() => rm(root, { recursive: true, force: true }))

const open = async (): Promise<{ host: StudioHost; api: StudioApi }> => {
  const host = await openHost({ folder: at('home') })
  return { host, api: hostApi(() => host) }
}

test('what a killed process left half written goes at the next start, here and in folders of the person; nothing else does', async () => {
  await writeDataset(at('pictures', '10_moss'), ['a'])
  await mkdir(at('exports'))
  const first = await open()
  await first.api.datasets.create({ name: 'Moss', from: { path: at('pictures') }, mode: 'reference' })
  await first.api.settings.set({ exportFolder: at('exports') })
  await first.host.close()

  const name = (i: number): string => `.pigment-${String(i).padStart(12, '0')}.tmp`
  const own = [at('home', name(1)), at('home', 'runs', 'j1', 'a.run', name(2)), at('home', 'gallery', name(3))]
  const left = [at('pictures', '10_moss', name(4)), at('exports', name(5))]
  const kept = [at('exports', name(6)), at('home', '.pigment-notes.tmp'), at('home', 'gallery', 'a.tmp'), at('outside', name(7))]
  await mkdir(at('home', 'runs', 'j1', 'a.run'), { recursive: true })
  await mkdir(at('outside'))
  await symlink(at('outside'), at('home', 'gallery', 'link'))
  for (const path of [...own, ...left, ...kept]) await writeFile(path, 'half')
  for (const path of left) await utimes(path, 1000, 1000)

  const { host } = await open()
  // One of this host's own, on its way.
  kept.push(at('home', 'gallery', name(8)))
  await writeFile(at('home', 'gallery', name(8)), 'half')
  const there = async (): Promise<string[]> =>
    (await readdir(root, { recursive: true })).map((path) => at(path)).filter((path) => /\.tmp$/.test(path) && !path.includes('link'))
  await expect.poll(async () => (await there()).sort()).toEqual(kept.sort())
  await host.close()
})
