// Full fine-tuning against torch on the same layers, norms and data (build/reference/lora_methods.py).
import { afterAll, expect, test } from 'vitest'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { backward } from '../../autodiff/backward.ts'
import { openSafetensors, writeSafetensors } from '../../files/safetensors.ts'
import { Graph } from '../../graph/graph.ts'
import { mul, reduceMean, sub } from '../../graph/math.ts'
import { conv2d, groupNorm, layerNorm, linear, silu, toTokens } from '../../nn/layers.ts'
import { Parameters as NetworkParameters } from '../../nn/parameters.ts'
import { relativeL2 } from '../../tensor/tensor.ts'
import type { TrainedNetwork } from '../trained-networks.ts'
import { full } from './full.ts'
import { recorded, steps, unpacked, type Packed } from './testing-pairs.ts'

interface FullRun {
  readonly what: 'layers' | 'everything' | 'norms-biases'
  readonly steps: number
  readonly rate: number
  readonly weightDecay: number
  readonly x: Packed
  readonly target: Packed
  readonly base: Readonly<Record<string, Packed>>
  readonly losses: readonly number[]
  readonly changes: Readonly<Record<string, Packed>>
}
const folder = await mkdtemp(join(tmpdir(), 'full-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

/** The recorded layers in a file, as a network. */
async function network({ base }: FullRun): Promise<TrainedNetwork> {
  const file = join(folder, 'base.safetensors')
  const tensors = Object.entries(base).map(([name, packed]) => {
    const { shape, data } = unpacked(packed)
    return { name, dtype: 'F32', shape, data: new Uint8Array(data.buffer) }
  })
  await writeSafetensors(file, tensors)
  const { entries } = await openSafetensors(file)
  const weights = new Map([...entries].map(([key, entry]) => [key, { ...entry, dtype: 'float32' as const, file }]))
  return { component: 'unet', weights, targets: /^(conv|linear)$/, rate: 1 }
}

async function opened(run: FullRun, initial?: Parameters<ReturnType<typeof full.open>['plan']>[0]) {
  const own = await network(run)
  const graph = new Graph('full')
  const request = { rank: 1, alpha: 1, layers: 'all', members: 1, recompute: false } as const
  const open = full.open({ graph, networks: [own], request }, { what: run.what })
  const p = new NetworkParameters(graph, own.weights, open.parameters(own))
  const x = graph.input('x', 'float32', ['N', 4, 4, 4])
  const y = linear(p, 'linear', layerNorm(p, 'norm', toTokens(silu(groupNorm(p, 'group', conv2d(p, 'conv', x), 2, 1e-5)))))
  const error = sub(y, graph.input('target', 'float32', y.shape))
  const loss = reduceMean(mul(error, error), [0, 1, 2], false)
  graph.output('loss', loss)
  const trained = open.trainedOf([p])
  backward(loss, trained).forEach((gradient, i) => graph.output(`d/${trained[i]?.name}`, gradient))
  return { graph, trained, feeds: { x: unpacked(run.x), target: unpacked(run.target) }, plan: open.plan(initial) }
}

test.each(recorded<readonly FullRun[]>('full').map((run) => [run.what, run] as const))(
  'thirty steps as torch takes them, and what they changed: %s',
  async (_, run) => {
    const built = await opened(run)
    expect(built.trained.map(({ name }) => name).toSorted()).toEqual(Object.keys(run.changes).toSorted())
    const { losses, adapter } = await steps(built, { ...run, eps: 1e-8 })
    expect(relativeL2(losses, run.losses)).toBeLessThan(1e-4)
    const found = new Map(
      adapter.modules.map(({ path, tensors }) => {
        const [role = '', tensor] = Object.entries(tensors)[0] ?? []
        return [`${path}.${/bias/i.test(role) ? 'bias' : 'weight'}`, { role, data: tensor?.data }]
      }),
    )
    for (const [key, change] of Object.entries(run.changes)) {
      const { role, data } = found.get(key) ?? { role: '' }
      expect(relativeL2(data ?? [], unpacked(change).data), key).toBeLessThan(1e-3)
      expect(role.startsWith('norm'), key).toBe(/^(group|norm)[.]/.test(key))
    }
    // Begun where it ended, it is there: base and difference.
    const again = await opened(run, adapter)
    for (const { name, start } of again.plan.trainables) {
      const [base, change] = [run.base[name], run.changes[name]].map((one) => unpacked(one as Packed).data)
      const expected = base?.map((value, i) => value + (change?.[i] ?? NaN)) ?? []
      expect(relativeL2(await start({ index: 0, seed: 0 }), expected), name).toBeLessThan(1e-4)
    }
  },
)

test('what an adapter changes beside what is learnt is not lost silently', async () => {
  const [layers, everything] = recorded<readonly FullRun[]>('full') as [FullRun, FullRun]
  const { adapter } = await steps(await opened(everything), { ...everything, steps: 1, eps: 1e-8 })
  await expect(opened(layers, adapter)).rejects.toMatchObject({ code: 'continue-mismatch' })
})
