// What saving one caption costs in a set of 10,000 pictures: processor time of the host until it is quiet again, and ten saves at once.
// `npm run bench -- captions`.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodePng } from '../../engine/images/write-png.ts'
import { hostApi } from '../../main/host/host-api.ts'
import { openHost } from '../../main/host/host.ts'
import { median } from './bench.ts'

const pictures = Number(process.env.PIGMENT_BENCH_PICTURES ?? 10_000)
/** After which the watcher has seen what was written, and has done what it does. */
const quiet = 1500

const root = await mkdtemp(join(tmpdir(), 'pigment-captions-'))
const folder = join(root, 'set')
await mkdir(folder)
const png = await encodePng({ width: 8, height: 8, data: new Uint8Array(192).fill(9) })
for (let i = 0; i < pictures; i++) {
  await writeFile(join(folder, `${i}.png`), png)
  await writeFile(join(folder, `${i}.txt`), `a picture, number ${i}, of many`)
}
const host = await openHost({ folder: join(root, 'home') })
const api = hostApi(() => host)
try {
  const { id: dataset } = await api.datasets.create({ name: 'Many', from: { path: folder }, mode: 'reference' })
  const { items } = await api.datasets.items({ dataset, limit: 40 })
  const save = async (i: number): Promise<void> => {
    const { id: item = '', version = '' } = items[i] ?? {}
    await api.datasets.setCaption({ dataset, item, caption: `saved ${i}`, version })
  }
  await save(0)
  await pause(quiet * 2)
  const [processor, waited]: [number[], number[]] = [[], []]
  for (let i = 1; i <= 10; i++) {
    const [began, before] = [performance.now(), process.cpuUsage()]
    await save(i)
    waited.push(performance.now() - began)
    await pause(quiet)
    const { user, system } = process.cpuUsage(before)
    processor.push((user + system) / 1000)
  }
  say('processor time of the host for one caption', median(processor))
  say('until it is saved', median(waited))
  const began = performance.now()
  await Promise.all(Array.from({ length: 10 }, (_, i) => save(20 + i)))
  say('until ten at once are saved', performance.now() - began)
  // What the page asks for when it hears of the change.
  const asked = process.cpuUsage()
  await Promise.all([api.datasets.items({ dataset, limit: 100 }), api.datasets.tags({ dataset, limit: 60 })])
  const { user, system } = process.cpuUsage(asked)
  say('processor time of the page of pictures and the tags after it', (user + system) / 1000)
  await api.datasets.applyEdit({ dataset, selection: { filter: {} }, edit: { kind: 'add', tags: ['more'] } })
  await pause(quiet)
  const { items: now } = await api.datasets.items({ dataset, limit: 1 })
  const before = process.cpuUsage()
  await api.datasets.setCaption({ dataset, item: now[0]?.id ?? '', caption: 'after all', version: now[0]?.version ?? '' })
  await pause(quiet)
  const spent = process.cpuUsage(before)
  say('processor time for one caption after all were edited', (spent.user + spent.system) / 1000)
} finally {
  await host.close()
  await rm(root, { recursive: true, force: true })
}

function say(what: string, milliseconds: number): void {
  console.log(`${what}, ${pictures} pictures`.padEnd(64) + `${milliseconds.toFixed(1)} ms`.padStart(14))
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((done) => setTimeout(done, milliseconds))
}
