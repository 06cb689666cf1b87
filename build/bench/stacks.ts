// What stacks cost a step of a UNet of Stable Diffusion 1.5's shape with random weights, against the empty stack in pairs of steps one after the other;
// what it costs to change their strengths; and how long magnitudes take to be read. All in CPU time, which does not grow with what else runs.
// PIGMENT_CELLS sets the side of the latents.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unetNetwork } from '../../engine/adapter-formats/base-networks.ts'
import type { AdapterModule } from '../../engine/adapters/adapter.ts'
import { withMagnitude } from '../../engine/adapters/magnitude.ts'
import { stackCourse } from '../../engine/adapters/stack-course.ts'
import type { StackEntry } from '../../engine/adapters/stack.ts'
import { sd1 } from '../../engine/models/families/sd1/family.ts'
import { AdaptableNetwork } from '../../engine/sessions/adaptable-network.ts'
import { baseWeight, runAdapted, StackFeeds, stackTerms, type AdaptedSession } from '../../engine/sessions/adapted-session.ts'
import { unetSession } from '../../engine/sessions/networks.ts'
import { randomStream } from '../../engine/tensor/philox.ts'
import { elementCount, type Tensor } from '../../engine/tensor/tensor.ts'
import { readWeight } from '../../engine/weights/read-weight.ts'
import { median } from './bench.ts'
import { openRandomUnet, randomStack, unetFeeds, writeRandomUnet } from './random-unet.ts'

const config = sd1.published.unet
const cells = Number(process.env.PIGMENT_CELLS ?? 16)
const pairs = Number(process.env.PIGMENT_BENCH_MORE ?? 6)
/** Of a picture, to say what a change of strengths is a share of. */
const steps = 20
const folder = mkdtempSync(join(tmpdir(), 'pigment-bench-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))

await writeRandomUnet(config, folder)
const checkpoint = await openRandomUnet(config, folder)
const place = unetNetwork(checkpoint)
const make = () =>
  new AdaptableNetwork({
    network: place,
    feedsWeights: true,
    make: (options) => unetSession(checkpoint, { threads: 1 }, options),
  })
const feeds = unetFeeds(config, { batch: 2, cells, tokens: 77 })
const modules = [...checkpoint.unet.weights].flatMap(([key, { shape }]) =>
  key.endsWith('.weight') && shape.length === 2 ? [{ path: key.slice(0, -'.weight'.length), weight: shape }] : [],
)

const random = (name: string, shape: readonly number[], scale: number): Tensor => ({
  shape,
  data: randomStream(7, name, 0)
    .normal(elementCount(shape))
    .map((x) => x * scale),
})
const withTensors = (
  entry: StackEntry,
  change: (module: AdapterModule, shape: readonly number[]) => Partial<AdapterModule>,
): StackEntry => ({
  ...entry,
  adapter: {
    ...entry.adapter,
    modules: entry.adapter.modules.map((module) => ({
      ...module,
      ...change(module, modules.find(({ path }) => path === module.path)?.weight ?? []),
    })),
  },
})
const withMagnitudes = (entry: StackEntry): StackEntry =>
  withTensors(entry, ({ path, tensors }, [outputs = 0]) => ({
    variant: 'dora',
    tensors: { ...tensors, magnitude: { shape: [outputs, 1], data: random(path, [outputs, 1], 0.01).data.map((m) => m + 0.3) } },
  }))
/** Whole Kronecker factors, which are folded. */
const whole = (entry: StackEntry): StackEntry =>
  withTensors(entry, ({ path }, [outputs = 0, inputs = 0]) => ({
    variant: 'lokr',
    tensors: { w1: random(`${path} 1`, [4, 4], 0.1), w2: random(`${path} 2`, [outputs / 4, inputs / 4], 0.1) },
  }))

const loras = randomStack(8, 16, modules)
const [first, second] = loras as [StackEntry, StackEntry]
const stacks: Readonly<Record<string, readonly StackEntry[]>> = {
  '1 LoRA of rank 16': loras.slice(0, 1),
  '2 LoRA': loras.slice(0, 2),
  '4 LoRA': loras.slice(0, 4),
  '8 LoRA': loras,
  '2 DoRA': [withMagnitudes(first), withMagnitudes(second)],
  '1 LoRA, 1 DoRA, 1 LoKr with whole factors': [first, withMagnitudes(second), whole(first)],
}

/** Milliseconds of CPU time. */
const timed = async (run: () => Promise<unknown>): Promise<number> => {
  const began = process.cpuUsage()
  await run()
  const { user, system } = process.cpuUsage(began)
  return (user + system) / 1000
}
const halved = (stack: readonly StackEntry[]): StackEntry[] => stack.map((entry) => ({ ...entry, weight: entry.weight / 2 }))

/** Steps under the stack over steps of the empty one, which stands in the session that a model opens without adapters. */
async function compared(
  usual: AdaptedSession,
  own: AdaptedSession,
  stack: readonly StackEntry[],
): Promise<readonly [empty: number, stacked: number]> {
  const [none, all] = [new StackFeeds([]), new StackFeeds(stack)]
  const sides = [() => runAdapted(usual, feeds, none), () => runAdapted(own, feeds, all)] as const
  for (const run of sides) await run()
  const times: [empty: number, stacked: number][] = []
  for (let i = 0; i < pairs; i++) {
    const before = i % 2 === 0 ? await timed(sides[0]) : undefined
    const stacked = await timed(sides[1])
    times.push([before ?? (await timed(sides[0])), stacked])
  }
  return [median(times.map(([empty]) => empty)), median(times.map(([empty, stacked]) => stacked / empty))]
}

const row = (cells: readonly string[]): void =>
  console.log(cells.map((cell, i) => (i === 0 ? cell.padEnd(46) : cell.padStart(16))).join(''))
console.log(
  `UNet of Stable Diffusion 1.5's shape, random fp16 weights, two rows of ${cells}×${cells} cells, one thread, adapters on all attention projections`,
)
row(['', 'empty stack', 'ratio', 're-weighted', `of ${steps} steps`, 'step of a curve', 'of a step'])
await using plain = make()
const usual = await plain.session()
await using mixed = make()
for (const [label, stack] of Object.entries(stacks)) {
  // LoRA of any number run in the session that the empty stack has.
  const own = await (label.endsWith('LoRA') || label.includes('rank') ? plain : mixed).session(stack)
  const [empty, ratio] = await compared(usual, own, stack)
  const changes: number[] = []
  for (const change of [halved(stack), stack, halved(stack)]) changes.push(await timed(() => new StackFeeds(change).of(own)))
  const change = median(changes)
  const fading = stack.map((entry) => ({ ...entry, curve: 'linear' }))
  const changing = new StackFeeds(fading, { course: stackCourse(fading, steps) })
  await changing.of(own, { step: 0 })
  const curve: number[] = []
  for (let step = 1; step < 6; step++) curve.push(await timed(() => changing.of(own, { step })))
  row([
    label,
    `${Math.round(empty)} ms`,
    ratio.toFixed(3),
    `${Math.round(change)} ms`,
    `${((100 * change) / (steps * empty * ratio)).toFixed(2)} %`,
    `${Math.round(median(curve))} ms`,
    `${((100 * median(curve)) / (empty * ratio)).toFixed(2)} %`,
  ])
}

/** Every weight read and added to by each adapter for itself, as it was until they shared it. */
async function apart(stack: readonly StackEntry[]): Promise<void> {
  for (const { adapter } of stack)
    for (const { path, tensors, alpha } of adapter.modules) {
      const source = checkpoint.unet.weights.get(`${path}.weight`)
      const base = baseWeight(source)
      if (!source || !base) continue
      const change = { kind: 'low-rank', down: tensors.down as Tensor, up: tensors.up as Tensor, alpha } as const
      await withMagnitude(change, tensors.magnitude as Tensor, { shape: base.shape, read: () => readWeight(source) })
    }
}
console.log('')
row(['Gains of 3 DoRA made', 'each by itself', 'weights shared', 'ratio'])
const fresh = () => loras.slice(0, 3).map(withMagnitudes)
const [before, after] = [await timed(() => apart(fresh())), await timed(() => stackTerms(place, fresh()))]
row(['', `${(before / 1000).toFixed(1)} s`, `${(after / 1000).toFixed(1)} s`, (after / before).toFixed(2)])
