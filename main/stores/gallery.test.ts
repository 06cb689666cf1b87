import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Gallery } from './gallery.ts'
import { MediaNames } from './media.ts'
import type { Trash } from './trash.ts'

let folder: string
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'pigment-gallery-'))))
afterEach(() => rm(folder, { recursive: true, force: true }))

test('a pipe under the name of a picture holds no start up', async (context) => {
  if (process.platform === 'win32') context.skip('Windows has no named pipes in folders')
  execFileSync('mkfifo', [join(folder, 'a.png')])
  const gallery = await Gallery.open(folder, {} as Trash, new MediaNames())
  expect(gallery.list()).toEqual([])
  await gallery.close()
})
