// What a method puts into the graph stands where blocks are computed again: the same loss and gradients, with and without.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openCheckpoint } from '../../models/open-checkpoint.ts'
import { soundModel, writeDiffusers } from '../../models/testing.ts'
import { trainRequest } from '../../requests/train.ts'
import { Session } from '../../runtime/session.ts'
import { randomStream } from '../../tensor/philox.ts'
import { relativeL2, type Tensor } from '../../tensor/tensor.ts'
import { methodGraph } from '../method-graph.ts'
import { methods } from './index.ts'

const folder = await mkdtemp(join(tmpdir(), 'recomputed-'))
beforeAll(() => writeDiffusers(folder, soundModel('sd1')))
afterAll(() => rm(folder, { recursive: true, force: true }))

const sizes: Readonly<Record<string, number>> = { N: 2, H: 4, W: 4, T: 2 }

test.each(methods.map(({ name }) => name))('%s', async (name) => {
  const checkpoint = await openCheckpoint(folder)
  const told = async (recompute: boolean): Promise<Record<string, Tensor>> => {
    const request = trainRequest.parse({ dataset: 'd', method: name, layers: 'transformer', rank: 9, steps: 20, recompute })
    const { graph } = methodGraph(checkpoint, request)
    const feeds = Object.fromEntries(
      graph.inputs.map(({ name, shape }) => {
        const known = shape.map((dim) => (typeof dim === 'number' ? dim : (sizes[dim as string] ?? NaN)))
        const data = randomStream(5, name, 0).normal(known.reduce((a, b) => a * b, 1))
        const step = ['sample', 'target', 'context', 'weight'].includes(name) ? 1 : 0.1
        return [name, { shape: known, data: data.map((x) => x * step) }]
      }),
    )
    await using session = await Session.create(graph, { provider: 'cpu', threads: 1 })
    return await session.run(feeds)
  }
  const [whole, parted] = [await told(false), await told(true)]
  expect(Object.keys(parted)).toEqual(Object.keys(whole))
  expect(parted.loss?.data[0]).toBeCloseTo(whole.loss?.data[0] ?? NaN, 5)
  // All at once: some of this tiny network are nothing but rounding, as those of what a norm takes away again.
  const all = (outputs: Readonly<Record<string, Tensor>>): number[] => Object.values(outputs).flatMap(({ data }) => [...data])
  expect(relativeL2(all(parted), all(whole))).toBeLessThan(1e-4)
}) // prettier-ignore
