// Which providers work here: each runs a small network forwards and backwards, and its answer is held against the CPU's.
import ort from 'onnxruntime-node'
import { backward } from '../autodiff/backward.ts'
import { Graph, type Value } from '../graph/graph.ts'
import { conv, mul, reduceMean } from '../graph/math.ts'
import { attention, fromTokens, silu, toTokens } from '../nn/layers.ts'
import '../ops/index.ts'
import { errorRecord, PigmentError } from '../spec/error.ts'
import { randomStream } from '../tensor/philox.ts'
import { elementCount, relativeL2, type Tensor } from '../tensor/tensor.ts'
import { Session, type Provider } from './session.ts'

export interface ProviderReport {
  readonly provider: Provider
  /** The runtime carries it on this machine. */
  readonly available: boolean
  /** Its answer agrees with the CPU's. */
  readonly passed: boolean
  readonly reason?: string
  /** Largest relative L2 against the CPU over outputs and gradients. */
  readonly error?: number
  readonly milliseconds?: number
}

/** Fastest first, by platform habit. */
export const providerOrder: readonly Provider[] = ['cuda', 'dml', 'coreml', 'webgpu', 'cpu']
const tolerance = 1e-2

/** Convolution, normalisation, attention and their gradients on a small map: what training is made of. */
function probe(): { graph: Graph; shapes: Record<string, number[]> } {
  const graph = new Graph('self-test')
  const shapes = { x: [2, 8, 8, 8], w: [16, 8, 3, 3], q: [16, 16] }
  const x = graph.input('x', 'float32', shapes.x)
  const w = graph.input('w', 'float32', shapes.w)
  const q = graph.input('q', 'float32', shapes.q)
  const h = silu(conv(x, w, undefined, { pads: [1, 1, 1, 1] }))
  const tokens = toTokens(h)
  const query = graph.op('MatMul', [tokens, q])[0] as Value
  const y = fromTokens(attention(query, tokens, tokens, { heads: 2 }), h)
  const loss = reduceMean(mul(y, y), [0, 1, 2, 3], false)
  graph.output('y', y)
  backward(loss, [w, q]).forEach((gradient, i) => graph.output(['dw', 'dq'][i] as string, gradient))
  return { graph, shapes }
}

async function answer(provider: Provider): Promise<Record<string, Tensor>> {
  const { graph, shapes } = probe()
  await using session = await Session.create(graph, { provider, threads: 1 })
  const feeds = Object.entries(shapes).map(([name, shape]) => [name, { shape, data: randomStream(1, name, 0).normal(elementCount(shape)) }])
  return await session.run(Object.fromEntries(feeds) as Record<string, Tensor>)
}

/** Tests one provider; a broken one is reported, never thrown. */
export async function checkProvider(provider: Provider, expected: Record<string, Tensor>): Promise<ProviderReport> {
  const known = ort.listSupportedBackends?.().some(({ name }) => name === provider) ?? provider === 'cpu'
  if (!known) return { provider, available: false, passed: false, reason: 'This build of the runtime does not carry it on this platform.' }
  try {
    const began = performance.now()
    const got = await answer(provider)
    const error = Math.max(...Object.entries(expected).map(([name, { data }]) => relativeL2(got[name]?.data ?? [], data)))
    const passed = error <= tolerance
    const reason = passed ? {} : { reason: `Its answer differs from the CPU's by ${error.toExponential(1)} (allowed: ${tolerance}).` }
    return { provider, available: true, passed, error, milliseconds: performance.now() - began, ...reason }
  } catch (error) {
    return { provider, available: true, passed: false, reason: errorRecord(error).message }
  }
}

/** Every provider of this machine with its self-test, fastest first. */
export async function checkProviders(): Promise<ProviderReport[]> {
  const expected = await answer('cpu')
  const reports: ProviderReport[] = []
  for (const provider of providerOrder) reports.push(await checkProvider(provider, expected))
  return reports
}

/**
 * The provider to use. `auto` takes the first that passes; a named one must pass.
 * Throws `provider-unusable` with the reason.
 */
export async function chooseProvider(
  requested: Provider | 'auto',
): Promise<{ readonly provider: Provider; readonly skipped: readonly ProviderReport[] }> {
  if (requested === 'cpu') return { provider: 'cpu', skipped: [] }
  const expected = await answer('cpu')
  const skipped: ProviderReport[] = []
  for (const provider of requested === 'auto' ? providerOrder : [requested]) {
    const report = await checkProvider(provider, expected)
    if (report.passed) return { provider, skipped }
    if (report.available || requested !== 'auto') skipped.push(report)
  }
  throw new PigmentError(
    'provider-unusable',
    `The device "${requested}" cannot be used: ${skipped[0]?.reason ?? 'unknown reason'} Run "pigment doctor", or use --device cpu.`,
    {
      requested,
    },
  )
}
