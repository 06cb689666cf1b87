// The self-test of a provider: a small network forwards and backwards, its answer held against the CPU's, its speed too.
import { backward } from '../autodiff/backward.ts'
import { Graph, type Value } from '../graph/graph.ts'
import { conv, mul, reduceMean } from '../graph/math.ts'
import { attention, fromTokens, silu, toTokens } from '../nn/layers.ts'
import '../ops/index.ts'
import type { ComputePrecision } from '../requests/compute-precision.ts'
import { errorRecord } from '../requests/error.ts'
import { because, type Reason } from '../requests/reason.ts'
import { randomStream } from '../tensor/philox.ts'
import { elementCount, relativeL2, type Tensor } from '../tensor/tensor.ts'
import { whyNoCuda } from './cuda-libraries.ts'
import ort from './onnxruntime.ts'
import { Session, type Provider, type SessionOptions } from './session.ts'

export interface ProviderReport {
  readonly provider: Provider
  /** The runtime carries it on this machine. */
  readonly available: boolean
  /** Its answer agrees with the CPU's. */
  readonly passed: boolean
  /** It started and then failed: a wrong answer, a crash. One that does not even start has no device here. */
  readonly broken?: boolean
  readonly reason?: Reason
  /** Largest relative L2 against the CPU over outputs and gradients. */
  readonly error?: number
  readonly milliseconds?: number
  /** How many times as fast as the CPU; 0 where finding out took too long. */
  readonly speedup?: number
  /** What it computes rightly beside fp32; told last. */
  readonly precisions?: readonly ComputePrecision[]
}

/**
 * CUDA rounds the factors of products to TF32's ten bits by default, as PyTorch's convolutions do: on an H200 the probe's gradients were 1.7e-2 away, and
 * 1.5e-5 with NVIDIA_TF32_OVERRIDE=0. What is broken is off by its whole size.
 */
const toleranceOf = (provider: Provider): number => (provider === 'cuda' ? 5e-2 : 1e-2)
interface Size {
  readonly side: number
  readonly channels: number
}
const small: Size = { side: 8, channels: 8 }
const large: Size = { side: 32, channels: 64 }

/** Convolution, attention and their gradients: what training is made of. */
class Probe implements AsyncDisposable {
  readonly #session: Session
  readonly #feeds: Readonly<Record<string, Tensor>>
  private constructor(session: Session, feeds: Readonly<Record<string, Tensor>>) {
    this.#session = session
    this.#feeds = feeds
  }

  static async open({ side, channels: C }: Size, options: SessionOptions): Promise<Probe> {
    const graph = new Graph('self-test')
    const shapes = { x: [2, C, side, side], w: [2 * C, C, 3, 3], q: [2 * C, 2 * C] }
    const x = graph.input('x', 'float32', shapes.x)
    const w = graph.input('w', 'float32', shapes.w)
    const q = graph.input('q', 'float32', shapes.q)
    // A product with a constant is one of those that are taken in 16 bits, and so is what follows it.
    const halved = options.precision ? conv(x, unit(graph, C), undefined) : x
    const h = silu(conv(halved, w, undefined, { pads: [1, 1, 1, 1] }))
    const tokens = toTokens(h)
    const query = graph.op('MatMul', [tokens, q])[0] as Value
    const y = fromTokens(attention(query, tokens, tokens, { heads: 2 }), h)
    const loss = reduceMean(mul(y, y), [0, 1, 2, 3], false)
    graph.output('y', y)
    backward(loss, [w, q]).forEach((gradient, i) => graph.output(['dw', 'dq'][i] as string, gradient))
    const tensor = ([name, shape]: [string, number[]]): [string, Tensor] => [
      name,
      { shape, data: randomStream(1, name, 0).normal(elementCount(shape)) },
    ]
    return new Probe(await Session.create(graph, options), Object.fromEntries(Object.entries(shapes).map(tensor)))
  }

  run(): Promise<Record<string, Tensor>> {
    return this.#session.run(this.#feeds)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#session[Symbol.asyncDispose]()
  }
}

/** The 1×1 convolution that changes nothing. */
function unit(graph: Graph, channels: number): Value {
  const ones = Float32Array.from({ length: channels ** 2 }, (_, i) => (i % (channels + 1) === 0 ? 1 : 0))
  return graph.constant('float32', [channels, channels, 1, 1], ones)
}

/** Tests in this process whether a provider computes what the CPU does; what it throws is reported. A driver may still take the process down. */
export async function checkProvider(provider: Provider): Promise<ProviderReport> {
  if (!isCarried(provider))
    return {
      provider,
      available: false,
      passed: false,
      reason: because('device-not-carried', 'This build of the runtime does not carry it on this platform.'),
    }
  let probe: Probe
  const began = performance.now()
  try {
    probe = await Probe.open(small, { provider, threads: 1 })
  } catch (error) {
    const said = (provider === 'cuda' ? whyNoCuda() : undefined) ?? errorRecord(error).message.trim()
    return {
      provider,
      available: true,
      passed: false,
      reason: because('device-not-started', 'It does not start on this machine.', { said }),
    }
  }
  try {
    await using started = probe
    const got = await started.run()
    const milliseconds = performance.now() - began
    await using cpu = await Probe.open(small, { threads: 1 })
    const error = Math.max(...Object.entries(await cpu.run()).map(([name, { data }]) => relativeL2(got[name]?.data ?? [], data)))
    const tolerance = toleranceOf(provider)
    if (!(error <= tolerance)) {
      const reason = because('device-differs', "Its answer differs from the CPU's by {error} (allowed: {limit}).", {
        error: error.toExponential(1),
        limit: tolerance,
      })
      return { provider, available: true, passed: false, broken: true, error, milliseconds, reason }
    }
    return { provider, available: true, passed: true, error, milliseconds }
  } catch (error) {
    return {
      provider,
      available: true,
      passed: false,
      broken: true,
      reason: because('device-failed', 'It started and failed: its driver is broken.', { said: errorRecord(error).message.trim() }),
    }
  }
}

/** The whole self-test as its reports: whether the provider computes correctly, and then, with its speed, the last one. */
export async function* selfTest(provider: Provider): AsyncGenerator<ProviderReport> {
  const report = await checkProvider(provider)
  yield report
  if (!report.passed) return
  const speedup = provider === 'cpu' ? 1 : await speedupOf(provider)
  yield { ...report, speedup }
  yield { ...report, speedup, precisions: await precisionsOf(provider) }
}

/** Of 16 bits: the rounding of bf16, and of CUDA's products, is far below what is broken. */
const halfTolerance = 5e-2

async function precisionsOf(provider: Provider): Promise<ComputePrecision[]> {
  if (provider === 'cpu') return ['fp16']
  await using cpu = await Probe.open(small, { threads: 1 })
  const expected = await cpu.run()
  const proven: ComputePrecision[] = []
  for (const precision of ['fp16', 'bf16'] as const) {
    const rightly = async (): Promise<boolean> => {
      await using probe = await Probe.open(small, { provider, threads: 1, precision })
      const got = await probe.run()
      return Object.entries(expected).every(([name, { data }]) => relativeL2(got[name]?.data ?? [], data) <= halfTolerance)
    }
    // A device that has no such numbers says so by an error.
    if (await rightly().catch(() => false)) proven.push(precision)
  }
  return proven
}

export function isCarried(provider: Provider): boolean {
  return provider === 'cpu' || (ort.listSupportedBackends?.().some(({ name }) => name === provider) ?? false)
}

/** How many times as fast as the CPU a provider is on a larger map, after the first run. */
async function speedupOf(provider: Provider): Promise<number> {
  return (await secondRun('cpu')) / (await secondRun(provider))
}

async function secondRun(provider: Provider): Promise<number> {
  await using probe = await Probe.open(large, { provider })
  await probe.run()
  const began = performance.now()
  await probe.run()
  return performance.now() - began
}
