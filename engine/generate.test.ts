import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readAdapter, writeAdapter } from './adapter-formats/read.ts'
import { splitModuleKey } from './adapter-formats/base-modules.ts'
import type { Adapter } from './adapters/adapter.ts'
import type { StackEntry } from './adapters/stack.ts'
import { soundModel, writeDiffusers } from './models/testing.ts'
import { sessionsCreated, sessionsOpen } from './runtime/session.ts'
import { generateRequest, type GenerateEvent, type GenerateRequest } from './requests/generate.ts'
import { loraModule } from './adapters/variants/lora.ts'
import { randomStream } from './tensor/philox.ts'
import { elementCount, relativeL2, type Tensor } from './tensor/tensor.ts'
import { generate, type Generated } from './generate.ts'
import { Model } from './sessions/open-model.ts'

let folder = ''
let model: Model
const openBefore = sessionsOpen()
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pigment-generate-'))
  await writeDiffusers(join(folder, 'sdxl'), soundModel('sdxl'))
  model = await Model.open(join(folder, 'sdxl'), { threads: 1 })
})
afterAll(async () => {
  await model[Symbol.asyncDispose]()
  expect(sessionsOpen()).toBe(openBefore)
  await rm(folder, { recursive: true })
})

const request = generateRequest.parse({ prompt: 'ab', negative: 'b', steps: 3, width: 64, height: 48, seed: 5 })

async function picture(
  stack: readonly StackEntry[],
  mode: 'stacked' | 'folded' = 'stacked',
  other: Partial<typeof request> = {},
): Promise<Generated & { warnings: GenerateEvent[] }> {
  const warnings: GenerateEvent[] = []
  const making = generate(model, { ...request, mode, ...other }, { stack })
  for (;;) {
    const { done, value } = await making.next()
    if (done) return { ...value, warnings }
    if (value.type === 'warning') warnings.push(value)
  }
}

/** Random pairs on the modules whose key matches; strong enough to be seen. */
function adapter(name: string, rank: number, pattern = /attn\d\.to_|self_attn|mlp|proj_(in|out)/): Adapter {
  const modules = [...model.modules.shapes]
    .filter(([key]) => pattern.test(key))
    .map(([key, [O = 0, I = 0, ...kernel]]) => {
      const part = (half: string, shape: number[], scale: number) => ({
        shape,
        data: randomStream(rank, name + half + key, 0)
          .normal(elementCount(shape))
          .map((x) => x * scale),
      })
      const down = part('down', [rank, I, ...kernel], 1 / Math.sqrt(I))
      return loraModule(splitModuleKey(key), { down, up: part('up', [O, rank, ...kernel.map(() => 1)], 0.2), alpha: rank })
    })
  return { name, modules, metadata: {}, skipped: [] }
}
const entry = (of: Adapter, weight = 1, enabled = true): StackEntry => ({ adapter: of, weight, enabled })

test('switching and re-weighting adapters of any ranks creates no session', async () => {
  const [one, two, three] = [adapter('one', 2), adapter('two', 5), adapter('three', 1, /attn2/)]
  const base = await picture([])
  const before = sessionsCreated()
  const seen = [base]
  for (const stack of [
    [entry(one)],
    [entry(one, 0.5)],
    [entry(one, -1)],
    [entry(one), entry(two, 0.3)],
    [entry(two, 0.3), entry(one, 1, false)],
    [entry(one, 0.2), entry(two, 0.2), entry(three, 2)],
  ]) {
    const next = await picture(stack)
    expect(next.warnings).toEqual([])
    // Each of them is another picture, not just no error.
    for (const other of seen) expect(relativeL2(next.latents.data, other.latents.data)).toBeGreaterThan(1e-3)
    seen.push(next)
  }
  const again = await picture([])
  expect(sessionsCreated()).toBe(before)
  expect(again).toEqual(base)
})

test('an empty stack, a muted one and one of weight 0 are the base model bit for bit', async () => {
  // Folding nothing leaves a graph without any input for adapters: the plain model.
  const plain = await picture([], 'folded')
  const one = adapter('one', 3)
  for (const stack of [[], [entry(one, 1, false)], [entry(one, 0)]]) {
    const { latents, pixels, rgb } = await picture(stack)
    expect({ latents, pixels, rgb }).toEqual({ latents: plain.latents, pixels: plain.pixels, rgb: plain.rgb })
  }
})

test('a weighted word changes the picture, each program in its own way, and a weight of 1 does not', async () => {
  const drawn = async (prompt: string, emphasis: 'a1111' | 'comfyui' | 'none') => (await picture([], 'stacked', { prompt, emphasis })).rgb
  const plain = await drawn('ab', 'none')
  expect(await drawn('ab', 'a1111')).toEqual(plain)
  expect(await drawn('(ab:1)', 'comfyui')).toEqual(plain)
  const seen = [plain]
  for (const emphasis of ['a1111', 'comfyui', 'none'] as const) {
    const weighted = await drawn('(ab:1.5)', emphasis)
    for (const other of seen) expect(weighted).not.toEqual(other)
    seen.push(weighted)
  }
})

test('an empty negative prompt of SDXL is zeros as in A1111 and diffusers, and the encoded empty text as in ComfyUI', async () => {
  const drawn = async (negative: string, emphasis: 'a1111' | 'comfyui' | 'none') =>
    (await picture([], 'stacked', { negative, emphasis, prompt: 'ab' })).rgb
  const [zeros, encoded] = [await drawn('', 'none'), await drawn('', 'comfyui')]
  expect(await drawn('', 'a1111')).toEqual(zeros)
  expect(encoded).not.toEqual(zeros)
  // Empty brackets leave no text either, but they are a prompt.
  expect(await drawn('()', 'a1111')).toEqual(encoded)
})

test('folded and stacked give the same picture within 1e-3', async () => {
  const stack = [entry(adapter('one', 2), 0.8), entry(adapter('two', 5), -0.4), entry(adapter('muted', 1), 1, false)]
  const [stacked, folded, base] = [await picture(stack), await picture(stack, 'folded'), await picture([])]
  expect(relativeL2(stacked.latents.data, base.latents.data)).toBeGreaterThan(0.01)
  expect(relativeL2(folded.latents.data, stacked.latents.data)).toBeLessThan(1e-3)
  expect(relativeL2(folded.pixels.data, stacked.pixels.data)).toBeLessThan(1e-3)
})

test('guidance apart is n + g (p − n) + s (a − p): the model alone of two prompts, and the prompt under the adapters, in text encoders too', async () => {
  const stack = [entry(adapter('one', 2), 0.8), entry(adapter('two', 5), -0.4)]
  // One step of DDIM is affine in what the UNet says.
  const drawn = async (of: readonly StackEntry[], given: Partial<GenerateRequest>, mode: 'stacked' | 'folded' = 'stacked') =>
    (await picture(of, mode, { negative: 'b', steps: 1, ...given })).latents.data
  // Guidance 0 is the negative prompt alone, 1 the prompt.
  const [n, p, a] = [await drawn([], { cfg: 0 }), await drawn([], { cfg: 1 }), await drawn(stack, { cfg: 1 })]
  const sum = (g: number, s: number) => n.map((value, i) => value + g * ((p[i] ?? 0) - value) + s * ((a[i] ?? 0) - (p[i] ?? 0)))
  const sessions = sessionsCreated()
  for (const [cfg, adapterGuidance] of [
    [3, 2],
    [1, 1.5],
    [0.5, 1],
  ] as const)
    expect(relativeL2(await drawn(stack, { cfg, adapterGuidance }), sum(cfg, adapterGuidance))).toBeLessThan(1e-4)
  expect(sessionsCreated()).toBe(sessions)
  expect(relativeL2(await drawn(stack, { cfg: 3 }), sum(3, 2))).toBeGreaterThan(1e-3)
  expect(relativeL2(await drawn(stack, { cfg: 3, adapterGuidance: 2 }, 'folded'), sum(3, 2))).toBeLessThan(1e-3)
  // Without adapters there is nothing to guide apart.
  const muted = [entry(adapter('muted', 1), 1, false)]
  expect(await drawn(muted, { cfg: 3, adapterGuidance: 2 })).toEqual(await drawn([], { cfg: 3 }))
})

test('guidance stops after its share of the steps: the others follow the prompt under the adapters alone', async () => {
  const stack = [entry(adapter('one', 2), 0.8)]
  const drawn = async (given: Partial<GenerateRequest>, of: readonly StackEntry[] = stack, mode: 'stacked' | 'folded' = 'stacked') => {
    const path: number[][] = []
    const options = { stack: of, afterStep: async (_step: number, _of: number, { data }: Tensor) => void path.push([...data]) }
    const making = generate(model, { ...request, steps: 3, cfg: 3, adapterGuidance: 2, mode, ...given }, options)
    while (!(await making.next()).done);
    return path
  }
  const [all, none] = [await drawn({}), await drawn({ cfg: 1, adapterGuidance: 0 })]
  expect(await drawn({ guidanceStop: 0 })).toEqual(none)
  // One of three steps; the others then go their own way.
  const part = await drawn({ guidanceStop: 0.5 })
  expect(part[0]).toEqual(all[0])
  for (const end of [all, none]) expect(relativeL2(part[2] ?? [], end[2] ?? [])).toBeGreaterThan(1e-3)
  // Without adapters guided apart the prompt's row is left of two; folded in, they guide alike.
  const usual = { cfg: 3, adapterGuidance: 0, guidanceStop: 0 }
  expect(relativeL2((await drawn(usual))[2] ?? [], none[2] ?? [])).toBeLessThan(1e-5)
  expect(relativeL2((await drawn({ guidanceStop: 0.5 }, stack, 'folded'))[2] ?? [], part[2] ?? [])).toBeLessThan(1e-3)
  expect(await drawn({ guidanceStop: 0 }, [])).toEqual(await drawn({ cfg: 1 }, []))
})

test('the model alone is not asked for what it does not know: trigger words are left out of its prompt', async () => {
  const named = { ...adapter('one', 2), metadata: { 'pigment.trigger_words': '["ab"]' } }
  const drawn = async (of: readonly StackEntry[], prompt: string, adapterGuidance: number) =>
    (await picture(of, 'stacked', { prompt, cfg: 1, adapterGuidance, steps: 1 })).latents.data
  const [alone, under] = [await drawn([], 'ba', 0), await drawn([entry(named)], 'AB, ba', 0)]
  const expected = alone.map((value, i) => value + 2 * ((under[i] ?? 0) - value))
  expect(relativeL2(await drawn([entry(named)], 'AB, ba', 2), expected)).toBeLessThan(1e-4)
})

test.each(['kohya', 'peft', 'diffusers'])('an adapter written as %s and read back gives the identical picture', async (format) => {
  const one = adapter('one', 4)
  const at = join(folder, format)
  const files = await writeAdapter(one, format, at, { modules: model.modules, precision: 'fp32' })
  const read = await readAdapter(files.length === 1 ? (files[0] ?? '') : at, model.modules)
  const [before, after] = [await picture([entry(one, 0.7)]), await picture([entry(read, 0.7)])]
  expect(after.rgb).toEqual(before.rgb)
  expect(after.latents).toEqual(before.latents)
})

test('convolutions of an adapter act stacked as they do folded, in one more session that serves every stack from then on', async () => {
  const locon = adapter('locon', 2, /resnets\.0\.conv1$|samplers\.0\.conv$|conv_shortcut|attn1/)
  const convolutions = locon.modules.filter(({ path }) => !path.includes('attn1'))
  expect(convolutions.length).toBeGreaterThan(3)
  const linear = { ...locon, modules: locon.modules.filter((module) => !convolutions.includes(module)) }
  const [base, plain, before] = [await picture([]), await picture([entry(linear)]), sessionsCreated()]
  const stacked = await picture([entry(locon)])
  expect(stacked.warnings).toEqual([])
  expect(relativeL2(stacked.latents.data, plain.latents.data)).toBeGreaterThan(1e-3)
  expect(sessionsCreated()).toBe(before + 1)
  const other = adapter('other', 3, /conv2$|conv_in$|conv_out$|attn2/)
  const both = [entry(locon, 0.7), entry(other, -0.4)]
  const mixed = await picture(both)
  // Without a convolution at work it is the picture of the session before, bit for bit.
  expect((await picture([])).latents).toEqual(base.latents)
  expect((await picture([entry(linear)])).latents).toEqual(plain.latents)
  expect(sessionsCreated()).toBe(before + 1)
  for (const [stack, seen] of [[[entry(locon)], stacked] as const, [both, mixed] as const])
    expect(relativeL2((await picture(stack, 'folded')).latents.data, seen.latents.data)).toBeLessThan(1e-3)
  expect(relativeL2(mixed.latents.data, stacked.latents.data)).toBeGreaterThan(1e-3)
})
