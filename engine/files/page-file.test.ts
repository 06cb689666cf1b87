import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { PageFile } from './page-file.ts'

let folder = ''
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'pigment-pages-'))))
afterEach(() => rm(folder, { recursive: true }))

const sizes = [8, 8, 8, 8, 5]

test('it holds no more pages than its budget allows, and each is as it was left', async () => {
  await using file = await PageFile.open({ folder, sizes, budget: 24 })
  for (const round of [1, 2, 3])
    for (const [index, size] of sizes.entries()) {
      const page = await file.page(index)
      expect([...page]).toEqual(Array.from({ length: size }, () => (round === 1 ? 0 : round - 1 + 10 * index)))
      page.fill(round + 10 * index)
    }
  expect(file.largest).toBeLessThanOrEqual(24)
  // Round after round in the same order, none is still there when it is wanted.
  expect(file.traffic).toEqual({ read: 10, written: 12, held: 0 })
  expect([...(await file.copy(0))]).toEqual(Array.from({ length: 8 }, () => 3))
  expect([...(await file.copy(4))]).toEqual(Array.from({ length: 5 }, () => 43))
  // A copy brings nothing in.
  expect(file.traffic).toEqual({ read: 10, written: 12, held: 0 })
})

test('two have files of their own in one folder, which are gone with them; those of processes that have ended are swept', async () => {
  await writeFile(join(folder, 'state-99999999-0123456789ab.pages'), 'left')
  await writeFile(join(folder, `state-${process.ppid}-0123456789ab.pages`), 'in use')
  {
    await using one = await PageFile.open({ folder, sizes, budget: 16, named: true })
    await using other = await PageFile.open({ folder, sizes, budget: 16, named: true })
    for (const [index] of sizes.entries()) (await one.page(index)).fill(1)
    for (const [index] of sizes.entries()) (await other.page(index)).fill(2)
    expect([(await one.copy(0))[0], (await other.copy(0))[0]]).toEqual([1, 2])
    expect(await readdir(folder)).toHaveLength(3)
  }
  expect(await readdir(folder)).toEqual([`state-${process.ppid}-0123456789ab.pages`])
})

test.skipIf(process.platform === 'win32')('a file without a name is seen by nobody', async () => {
  await using file = await PageFile.open({ folder, sizes, budget: 16 })
  for (const [index] of sizes.entries()) (await file.page(index)).fill(1)
  expect(await readdir(folder)).toEqual([])
})

test('a file that was cut short is told', async () => {
  await using file = await PageFile.open({ folder, sizes, budget: 16, named: true })
  for (const [index] of sizes.entries()) (await file.page(index)).fill(1)
  const [name = ''] = await readdir(folder)
  await truncate(join(folder, name), 12)
  // Neither is it written to, which would fill the gap with zeros.
  for (const index of [0, 1]) await expect(file.page(index)).rejects.toMatchObject({ code: 'page-file-short', facts: { bytes: 24 } })
})

test('a folder that takes no file is told in words', async () => {
  await writeFile(join(folder, 'file'), '')
  await expect(PageFile.open({ folder: join(folder, 'file'), sizes, budget: 16 })).rejects.toMatchObject({
    code: expect.stringMatching(/folder|writ/) as unknown,
  })
})
