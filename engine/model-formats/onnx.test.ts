import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { moduleShapes, splitModuleKey } from '../adapter-formats/base-modules.ts'
import type { StackEntry } from '../adapters/stack.ts'
import { loraModule } from '../adapters/variants/lora.ts'
import type { Family } from '../checkpoint/config.ts'
import { openCheckpoint } from '../models/open-checkpoint.ts'
import { soundModel, writeDiffusers } from '../models/testing.ts'
import ort from '../runtime/onnxruntime.ts'
import { runAdapted, StackFeeds } from '../sessions/adapted-session.ts'
import { Model } from '../sessions/open-model.ts'
import { randomStream } from '../tensor/philox.ts'
import { allFinite, elementCount, relativeL2, type Tensor } from '../tensor/tensor.ts'
import { onnx } from './onnx.ts'

let folder = ''
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'pigment-onnx-'))))
afterAll(() => rm(folder, { recursive: true }))

const random = (name: string, shape: readonly number[], scale = 1): Tensor => ({
  shape,
  data: randomStream(3, name, 0)
    .normal(elementCount(shape))
    .map((value) => value * scale),
})

async function written(family: Family): Promise<{ base: string; stack: readonly StackEntry[] }> {
  const base = join(folder, family)
  await writeDiffusers(base, soundModel(family))
  const { shapes } = moduleShapes(await openCheckpoint(base))
  const modules = [...shapes].map(([key, [O = 0, I = 0, ...kernel]]) =>
    loraModule(splitModuleKey(key), {
      down: random(`d ${key}`, [2, I, ...kernel], 1 / Math.sqrt(I)),
      up: random(`u ${key}`, [O, 2, ...kernel.map(() => 1)], 0.1),
      alpha: 2,
    }),
  )
  return { base, stack: [{ adapter: { name: 'style', modules, metadata: {}, skipped: [] }, weight: 0.8, enabled: true }] }
}

const tensor = ({ shape, data }: Tensor) => new ort.Tensor('float32', data, shape)

describe.each([
  ['sd1', ['sample', 'timestep', 'encoder_hidden_states']],
  ['sd2', ['sample', 'timestep', 'encoder_hidden_states']],
  ['sdxl', ['sample', 'timestep', 'encoder_hidden_states', 'text_embeds', 'time_ids']],
] as const)('%s', (family, names) => {
  test('the runtime alone gives our forward of the folded stack, for one timestep of all rows and for one of each', async () => {
    const { base, stack } = await written(family)
    const out = join(folder, `${family}.onnx`)
    const made = await onnx.write(await openCheckpoint(base), stack, out)
    expect(made.files).toEqual([out])
    expect((await readdir(folder)).filter((name) => name.startsWith(`${family}.`))).toEqual([`${family}.onnx`])

    const session = await ort.InferenceSession.create(new Uint8Array(await readFile(out)), { intraOpNumThreads: 1 })
    expect([...session.inputNames]).toEqual(names)
    expect([...session.outputNames]).toEqual(['out_sample'])
    await using model = await Model.open(base, { threads: 1 })
    const { unet, textEncoders } = model.checkpoint
    const width = textEncoders.at(-1)?.config.projection ?? 0
    const sample = random('sample', [2, 4, 8, 12])
    const context = random('context', [2, 7, unet.config.crossAttentionDim])
    const added = {
      pooled: random('pooled', [2, width]),
      time_ids: { shape: [2, 6], data: Float32Array.from({ length: 12 }, (_, i) => i * 7) },
    }
    const own = { sample, timestep: { shape: [2], data: Float32Array.of(481.5, 481.5) }, context, ...(width > 0 ? added : {}) }
    const folded = await model.folded(stack)
    const expected = (await runAdapted(folded.unet, own, new StackFeeds([]))).out?.data as Float32Array
    for (const one of [folded.unet, ...folded.texts]) await one.session[Symbol.asyncDispose]()
    for (const times of [[481.5], [481.5, 481.5]]) {
      const { out_sample: got } = await session.run({
        sample: tensor(sample),
        timestep: new ort.Tensor('float32', Float32Array.from(times), [times.length]),
        encoder_hidden_states: tensor(context),
        ...(width > 0 ? { text_embeds: tensor(added.pooled), time_ids: tensor(added.time_ids) } : {}),
      })
      expect(got?.dims).toEqual([2, 4, 8, 12])
      expect(relativeL2(got?.data as Float32Array, expected)).toBeLessThanOrEqual(1e-5)
    }
    await session.release()
  })
})

test('large weights lie beside the model, which finds them by their name alone; in fp16 half as large', async () => {
  const { base, stack } = await written('sd1')
  const model = await openCheckpoint(base)
  const out = join(folder, 'apart', 'model.onnx')
  const made = await onnx.write(model, stack, out, { precision: 'fp16', mostInside: 0 })
  expect(made.files.map((file) => file.slice(dirname(out).length + 1))).toEqual(['model.onnx', 'model.onnx_data'])
  const whole = [...model.unet.weights.values()].reduce((sum, { length }) => sum + length, 0)
  expect(made.bytes).toBe(whole / 2)
  const session = await ort.InferenceSession.create(out, { intraOpNumThreads: 1 })
  const { out_sample } = await session.run({
    sample: tensor(random('sample', [1, 4, 8, 8])),
    timestep: new ort.Tensor('float32', Float32Array.of(10), [1]),
    encoder_hidden_states: tensor(random('context', [1, 7, model.unet.config.crossAttentionDim])),
  })
  expect(out_sample?.dims).toEqual([1, 4, 8, 8])
  expect(allFinite(out_sample?.data as Float32Array)).toBe(true)
  await session.release()
})
