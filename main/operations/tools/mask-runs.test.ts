import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { fromRuns } from '../../../engine/requests/mask-runs.ts'
import { maskRuns } from './mask-runs.ts'
import { pictureExtent } from './picture-extent.ts'

test('a mask file becomes runs as drawing reads it, and a picture tells its upright size', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pigment-mask-'))
  const [mask, turned] = [join(folder, 'mask.png'), join(folder, 'turned.jpg')]
  await sharp(Buffer.from([0, 255, 90, 200, 255, 0]), { raw: { width: 3, height: 2, channels: 1 } }).toFile(mask)
  await sharp({ create: { width: 6, height: 4, channels: 3, background: '#fff' } })
    .withMetadata({ orientation: 6 })
    .toFile(turned)
  const { width, height, runs } = await maskRuns({ path: mask })
  expect([width, height, [...fromRuns(runs, 6)]]).toEqual([3, 2, [0, 255, 0, 255, 255, 0]])
  expect(await pictureExtent({ path: turned })).toMatchObject({ width: 4, height: 6 })
  await expect(maskRuns({ path: join(folder, 'gone.png') })).rejects.toMatchObject({ code: 'picture-missing' })
  await rm(folder, { recursive: true, force: true })
})
