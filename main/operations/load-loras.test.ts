import { afterAll, expect, test } from 'vitest'
import { moduleShapes, writeAdapter } from '../../engine/adapter-formats/read.ts'
import { openCheckpoint } from '../../engine/models/open-checkpoint.ts'
import { loadLoras } from './load-loras.ts'
import { fakeContext, randomAdapter, workFolder, writeTinyModel } from './testing.ts'

const { at, remove } = await workFolder()
afterAll(remove)

test('a DyLoRA of LyCORIS is warned of, whose file says less than was trained, and one that learnt another schedule', async () => {
  await writeTinyModel(at('base'), 'sd1')
  const modules = moduleShapes(await openCheckpoint(at('base')))
  const adapter = await randomAdapter(at('base'), 'style')
  const told = async (metadata: Readonly<Record<string, string>>, schedule?: { readonly zeroTerminalSnr: boolean }) => {
    const file = at('style.safetensors')
    await writeAdapter({ ...adapter, metadata: { ...adapter.metadata, ...metadata } }, 'kohya', file, { modules, precision: 'fp32' })
    const context = fakeContext()
    await loadLoras([{ file, weight: 1, enabled: true }], modules, context.emit, schedule)
    return context.records.map(({ code, facts }) => [code, (facts as { block?: number } | undefined)?.block])
  }
  const lycoris = { ss_network_module: 'lycoris.kohya' }
  expect(await told({})).toEqual([])
  expect(await told({ ...lycoris, ss_network_args: '{"algo":"locon"}' })).toEqual([])
  expect(await told({ ss_network_module: 'networks.dylora', ss_network_args: '{"unit":"2"}' })).toEqual([])
  expect(await told({ ...lycoris, ss_network_args: '{"algo":"dylora"}' })).toEqual([['adapter-dylora-scale', 4]])
  expect(await told({ ...lycoris, ss_network_args: '{"algo":"dylora","block_size":"8"}' })).toEqual([['adapter-dylora-scale', 8]])
  // Of a schedule that ends in noise alone, where the model's does not.
  expect(await told({ ss_zero_terminal_snr: 'True' }, { zeroTerminalSnr: false })).toEqual([['adapter-schedule', undefined]])
  expect(await told({ ss_zero_terminal_snr: 'True' }, { zeroTerminalSnr: true })).toEqual([])
  expect(await told({ ss_zero_terminal_snr: 'False' }, { zeroTerminalSnr: false })).toEqual([])
})
