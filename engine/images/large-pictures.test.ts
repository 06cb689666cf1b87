import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { inTurn } from './large-pictures.ts'
import { plainWebp } from './testing-webp.ts'

test('large pictures are decoded one after the other, small ones and those after a failure as they come', async () => {
  const events: string[] = []
  const decode =
    (name: string, fails = false) =>
    async () => {
      events.push(`${name} begins`)
      await new Promise((done) => setImmediate(done))
      if (fails) throw new Error(name)
      events.push(`${name} ends`)
    }
  const large = { width: 5001, height: 5000 }
  await Promise.allSettled([
    inTurn(large, decode('a', true)),
    inTurn(large, decode('b')),
    inTurn(large, decode('c')),
    inTurn({ width: 5000, height: 5000 }, decode('small')),
  ])
  expect(events.filter((event) => !event.startsWith('small'))).toEqual(['a begins', 'b begins', 'b ends', 'c begins', 'c ends'])
  expect(events.indexOf('small ends')).toBeLessThan(events.indexOf('c begins'))
})

test('a data set of eight WebPs of 28 bytes that claim 9900² pixels each is read and looked at in less than 1 GB', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'large-'))
  const names = Array.from({ length: 8 }, (_, i) => `${i}.webp`)
  for (const name of names) await writeFile(join(folder, name), plainWebp(9900, 9900))
  const at = (file: string): string => JSON.stringify(new URL(file, import.meta.url).href)
  const script = `
    const { scanDataset } = await import(${at('../datasets/dataset.ts')})
    const { lookAt } = await import(${at('./thumbnail.ts')})
    const { readPictureFile } = await import(${at('./picture.ts')})
    const [folder, ...names] = process.argv.slice(1)
    const look = async (name) => lookAt(await readPictureFile(folder + '/' + name), name)
    const [{ pictures }] = await Promise.all([scanDataset(folder, { missingCaption: 'empty' }), ...names.slice(6).map(look)])
    console.log(JSON.stringify({ pictures: pictures.map(({ width }) => width), megabytes: process.resourceUsage().maxRSS / 1024 }))`
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script, folder, ...names]
  const { pictures, megabytes } = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as {
    pictures: number[]
    megabytes: number
  }
  await rm(folder, { recursive: true })
  expect(pictures).toEqual(Array.from(names, () => 9900))
  expect(megabytes).toBeLessThan(1000)
})
