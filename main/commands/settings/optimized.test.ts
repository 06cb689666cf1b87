import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { optimizedPlaceIn } from '../../stores/optimized-place.ts'
import { useHost } from '../../studio/testing.ts'

const studio = useHost('optimized')

test('what optimised models take is told and cleared; the switch and the limit hold for a terminal too', async () => {
  const { api, at } = studio
  const entry = at('home', 'optimized', 'a'.repeat(64))
  mkdirSync(entry, { recursive: true })
  const files = { model: '0', weights: '0', bytes: 1234 }
  writeFileSync(join(entry, 'entry.json'), JSON.stringify({ version: 1, key: 'a'.repeat(64), name: 'unet', files }))
  const folder = at('home', 'optimized')
  expect(await api.settings.optimized({})).toEqual({ folder, bytes: 1234 })
  expect(await api.settings.optimized({ clear: true })).toEqual({ folder, bytes: 0 })
  expect(await optimizedPlaceIn(at('home'))).toEqual({ folder, budget: 30e9 })
  await api.settings.set({ optimizedGigabytes: 7 })
  expect(await optimizedPlaceIn(at('home'))).toEqual({ folder, budget: 7e9 })
  await api.settings.set({ keepOptimized: false })
  expect(await optimizedPlaceIn(at('home'))).toBeUndefined()
})
