import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { generate, type Generated } from '../../engine/generate.ts'
import { Graph } from '../../engine/graph/graph.ts'
import { conv2d } from '../../engine/nn/layers.ts'
import { Parameters } from '../../engine/nn/parameters.ts'
import { generateRequest } from '../../engine/requests/generate.ts'
import type { Tiling } from '../../engine/requests/tiling-fields.ts'
import { Session } from '../../engine/runtime/session.ts'
import { Model } from '../../engine/sessions/open-model.ts'
import { wrapAxes } from '../../engine/sessions/tiling.ts'
import { randomStream } from '../../engine/tensor/philox.ts'
import { relativeL2, type Tensor } from '../../engine/tensor/tensor.ts'
import { RecordedCase } from './recorded-case.ts'

interface Recorded {
  readonly x: readonly number[]
  readonly weight: readonly number[]
  readonly bias: readonly number[]
  readonly convolutions: readonly { readonly tiling: Tiling; readonly stride: number; readonly y: readonly number[] }[]
  readonly steps: number
  readonly guidance: number
  readonly height: number
  readonly width: number
  readonly prompt: string
  readonly negative: string
  readonly noise: readonly number[]
  readonly runs: readonly { readonly tiling: Tiling; readonly final: readonly number[]; readonly image?: readonly number[] }[]
}
const fixtures = fileURLToPath(new URL('../../engine/fixtures/', import.meta.url))
const recorded = JSON.parse(await readFile(`${fixtures}tiling/sd1-eps.json`, 'utf8')) as Recorded
const tensor = (shape: readonly number[], data: readonly number[]): Tensor => ({ shape, data: Float32Array.from(data) })
let reference: RecordedCase
let model: Model
beforeAll(async () => {
  reference = await RecordedCase.open(`${fixtures}reference/sd1-eps`)
  model = await Model.open(reference.layouts.diffusers ?? '', { threads: 1 })
})
afterAll(async () => {
  await model[Symbol.asyncDispose]()
  await reference[Symbol.asyncDispose]()
})

test.each(recorded.convolutions)("a convolution with stride $stride over edges that meet ($tiling) is torch's", async (one) => {
  const graph = new Graph('convolution')
  const x = graph.input('x', 'float32', ['N', 2, 'H', 'W'])
  const replaced = new Map([
    ['c.weight', tensor([3, 2, 3, 3], recorded.weight)],
    ['c.bias', tensor([3], recorded.bias)],
  ])
  const parameters = new Parameters(graph, new Map(), { replaced, wraps: wrapAxes(one.tiling) })
  graph.output('y', conv2d(parameters, 'c', x, { stride: one.stride, pads: [1, 1, 1, 1] }))
  await using session = await Session.create(graph, { threads: 1 })
  const { y } = await session.run({ x: tensor([1, 2, 5, 6], recorded.x) })
  expect(relativeL2(y?.data ?? [], one.y)).toBeLessThan(1e-6)
})

const drawn = async (tiling: Tiling, noise: Tensor, { width, height, steps } = recorded): Promise<Generated> => {
  const { prompt, negative, guidance } = recorded
  const making = generate(model, generateRequest.parse({ prompt, negative, width, height, steps, cfg: guidance, tiling }), { noise })
  for (;;) {
    const { done, value } = await making.next()
    if (done) return value
  }
}
const shape = [1, 4, recorded.height / 4, recorded.width / 4]

test.each(recorded.runs)('edges that meet ($tiling) are drawn as A1111 has diffusers draw them', async ({ tiling, final, image }) => {
  const { latents, pixels } = await drawn(tiling, tensor(shape, recorded.noise))
  expect(relativeL2(latents.data, final)).toBeLessThan(1e-4)
  if (image) expect(relativeL2(pixels.data, image)).toBeLessThan(1e-3)
})

test('what begins further to the right ends further to the right, over the edge and all: there is no seam', async () => {
  const turned = ({ shape: of, data }: Tensor, by: number): Tensor => {
    const [, , , w = 1] = of
    return { shape: of, data: data.map((_, i) => data[i - (i % w) + ((i - by + w) % w)] ?? NaN) }
  }
  // Every level of the UNet halves the map: a turn by whole cells of the coarsest.
  const [turn, wide] = [8, 16]
  const noise = { shape: [1, 4, 8, wide], data: randomStream(1, 'start', 0).normal(4 * 8 * wide) }
  const size = { ...recorded, width: wide * model.pixelFactor, height: 8 * model.pixelFactor, steps: 2 }
  const far = async (tiling: Tiling): Promise<number> => {
    const [plain, moved] = [await drawn(tiling, noise, size), await drawn(tiling, turned(noise, turn), size)]
    return relativeL2(moved.pixels.data, turned(plain.pixels, turn * model.pixelFactor).data)
  }
  expect(await far('x')).toBeLessThan(1e-4)
  expect(await far('none')).toBeGreaterThan(1e-2)
})
