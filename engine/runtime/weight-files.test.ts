import { mkdtemp, realpath, rm, stat, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, posix, win32 } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Graph } from '../graph/graph.ts'
import { writeSafetensors } from '../files/safetensors.ts'
import { Session, sourceOf } from './session.ts'
import { weightFiles } from './weight-files.ts'

let folder = ''
beforeAll(async () => void (folder = await realpath(await mkdtemp(join(tmpdir(), 'pigment-links-')))))
afterAll(() => rm(folder, { recursive: true }))

const file = (name: string, length = 1) => ({ file: name, length })
const none = (path: string): string => path

describe('the folder above the weights', () => {
  test.each([
    [['/m/a.st'], '/m', ['a.st']],
    [['/m/a.st', '/m/b.st'], '/m', ['a.st', 'b.st']],
    [['/m/x/a.st', '/m/y/z/a.st'], '/m', ['x/a.st', 'y/z/a.st']],
    [['/m/x/a.st', '/m/a.st', '/m/xy/b.st'], '/m', ['x/a.st', 'a.st', 'xy/b.st']],
    [['/m/..a/b.st', '/m/c.st'], '/m', ['..a/b.st', 'c.st']],
    [['/one/a.st', '/two/a.st'], '/', ['one/a.st', 'two/a.st']],
  ])('%j: %s', (files, above, locations) => {
    const found = weightFiles(
      files.map((name) => file(name)),
      { path: posix, real: none },
    )
    expect([found.folder, files.map(found.locate)]).toEqual([above, locations])
  })

  test('is on the drive with most of the bytes; what lies on another one is read', () => {
    const files = [file('C:\\m\\a.st', 5), file('D:\\x\\b.st', 4), file('D:\\y\\c.st', 4)]
    const { folder, locate } = weightFiles(files, { path: win32, real: none })
    expect([folder, files.map((one) => locate(one.file))]).toEqual(['D:\\', [undefined, 'x/b.st', 'y/c.st']])
  })

  test('follows links, and tells of one that leads nowhere', async () => {
    await symlink(join(folder, 'gone'), join(folder, 'broken'))
    expect(() => weightFiles([file(join(folder, 'broken'))])).toThrow('There is no such file')
    expect(weightFiles([])).not.toHaveProperty('folder')
  })
})

test('a weight that has to be read from another drive is part of the graph', async () => {
  const path = join(folder, 'one.safetensors')
  await writeSafetensors(path, [{ name: 'w', dtype: 'F32', shape: [3], data: new Uint8Array(Float32Array.of(1, -2, 0.5).buffer) }])
  const { size } = await stat(path)
  const graph = new Graph('inline')
  graph.output('out', graph.weight('w', { file: path, dtype: 'float32', shape: [3], offset: size - 12, length: 12 }))
  const source = sourceOf(graph, { place: () => ({ locate: () => undefined }) })
  await using session = await Session.open(source, { threads: 1 })
  expect([...((await session.run({})).out?.data ?? [])]).toEqual([1, -2, 0.5])
})
