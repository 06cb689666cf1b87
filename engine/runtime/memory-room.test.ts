import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { memoryRoom } from './memory-room.ts'

let folder = ''
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'pigment-room-'))))
afterAll(() => rmSync(folder, { recursive: true }))

const machine = { free: 8e9, total: 16e9, system: 'linux' as NodeJS.Platform }

function group(path: string, files: Record<string, string>): void {
  mkdirSync(join(folder, path), { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, path, name), text)
}
const room = (own: string) => {
  writeFileSync(join(folder, 'own'), own)
  return memoryRoom({ group: join(folder, 'own'), groups: folder }, machine)
}

test('outside of groups it is what the machine has', () => {
  expect(memoryRoom({ group: join(folder, 'none'), groups: folder }, machine)).toEqual({ free: 8e9, total: 16e9, sure: true })
  expect(room('4:memory:/old\n')).toMatchObject({ free: 8e9, total: 16e9 })
  expect(memoryRoom({ group: join(folder, 'none'), groups: folder }, { ...machine, system: 'darwin' }).sure).toBe(false)
})

test('the tightest group around the process counts, less what it holds but for files', () => {
  group('studio', {
    'memory.max': '4000000000\n',
    'memory.current': '3000000000\n',
    'memory.stat': 'anon 1\nactive_file 200000000\ninactive_file 300000000\n',
  })
  group('studio/worker', { 'memory.max': 'max\n', 'memory.current': '1000000000\n', 'memory.stat': '' })
  expect(room('0::/studio/worker\n')).toMatchObject({ free: 1.5e9, total: 4e9 })
  expect(room('0::/\n')).toMatchObject({ free: 8e9, total: 16e9 })
})
