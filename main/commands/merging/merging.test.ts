// Merging in the studio: methods, a report, an entry of the library, and its undoing.
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { useHost } from '../../studio/testing.ts'

const studio = useHost('merging')
const shipped = join(import.meta.dirname, '../../../assets/adapters/comic-outline.safetensors')
beforeAll(async () => void (await studio.api.library.import({ from: { path: shipped } })))

test('the cards are in the order of their kinds, and tell options and sentences', async () => {
  const { methods, fields } = await studio.api.merging.methods({})
  expect([...new Set(methods.map(({ kind }) => kind))]).toEqual(['sum', 'sparse', 'subspace', 'peft'])
  expect(methods.find(({ name }) => name === 'ties')).toMatchObject({
    title: 'TIES',
    options: [
      { key: 'density', kind: 'number' },
      { key: 'sign', kind: 'choice' },
    ],
  })
  expect(fields.map(({ key }) => key)).toEqual(['rank', 'energy', 'seed'])
})

test('a merge is reported, becomes an entry of the library, and is undone by the trash', async () => {
  const { api } = studio
  const [ink] = await api.library.list({})
  if (!ink) throw new Error('The adapter is not in the library.')
  const form = { sources: [{ adapter: ink.id, weight: 0.5 }], method: 'svd' as const, rank: 4 }
  const progress: number[] = []
  const stop = studio.host.listen(({ topic, payload }) => {
    if (topic === 'task' && (payload as { task: string }).task === 'm1') progress.push((payload as { done: number }).done)
  })
  const report = await api.merging.preview({ ...form, task: 'm1' })
  stop()
  expect(report).toMatchObject({ method: 'svd', largestRank: 4, from: [{ name: ink.name, weight: 0.5 }] })
  expect(report).not.toHaveProperty('written')
  expect(progress.at(-1)).toBe(report.byLayer.length)

  const { adapter } = await api.merging.save({ ...form, title: 'Ink, smaller' })
  expect(adapter).toMatchObject({ title: 'Ink, smaller', ranks: [4], family: ink.family, layers: ink.layers })
  expect((await api.library.list({})).map(({ id }) => id)).toContain(adapter.id)
  const { undo } = await api.library.remove({ adapters: [adapter.id] })
  expect((await api.library.list({})).map(({ id }) => id)).not.toContain(adapter.id)
  await api.library.restore({ undo })
  expect((await api.library.list({})).map(({ id }) => id)).toContain(adapter.id)
})

test('one that is stopped says so, and nothing of it is left', async () => {
  const { api } = studio
  const [ink] = await api.library.list({})
  const work = api.merging.save({ sources: [{ adapter: ink?.id ?? '' }], method: 'ties', title: 'Never', task: 'm2' })
  await api.app.stop({ task: 'm2' })
  await expect(work).rejects.toMatchObject({ code: 'cancelled' })
  expect((await api.library.list({})).map(({ title }) => title)).not.toContain('Never')
})
