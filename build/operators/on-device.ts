// Runs cases of operators on a device and on the CPU, and prints a line of JSON before and after each: a driver may take the process down.
// node on-device.ts PROVIDER FROM OP…
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { backward } from '../../engine/autodiff/backward.ts'
import { Graph, type Value } from '../../engine/graph/graph.ts'
import { mul, reduceSum } from '../../engine/graph/math.ts'
import { casesOf } from '../../engine/ops/testing-cases.ts'
import type { GradientCase } from '../../engine/ops/testing-gradient.ts'
import ort from '../../engine/runtime/onnxruntime.ts'
import { Session, sourceOf, type Provider } from '../../engine/runtime/session.ts'
import { elementCount, type Tensor } from '../../engine/tensor/tensor.ts'

/** One case of an operator, as it is or with nothing along its first symbol. */
export interface Task {
  readonly op: string
  readonly case: number
  readonly empty: boolean
}

export interface Outcome {
  /** Largest difference from the CPU, relative to the largest number, of the result and of the gradients; absent where the device refused. */
  readonly forward?: number
  readonly gradients?: number
  readonly refused?: string
  /** Operators of numbers that the runtime left to the CPU, each with how often. */
  readonly onCpu: Readonly<Record<string, number>>
}

export function tasksOf(ops: readonly string[]): Task[] {
  return ops.flatMap((op) =>
    casesOf(op).flatMap(({ sizes = {} }, i) => {
      const symbols = Object.keys(sizes).length
      return [{ op, case: i, empty: false }, ...(symbols > 0 ? [{ op, case: i, empty: true }] : [])]
    }),
  )
}

function graphOf({ inputs, build }: GradientCase): Graph {
  const graph = new Graph('case')
  const named = Object.fromEntries(Object.entries(inputs).map(([name, shape]) => [name, graph.input(name, 'float32', shape)]))
  const y = build(named, graph)
  const axes = y.shape.map((_, i) => i)
  // Cubes: the sum and the squares of what a norm gives are always the same.
  const gradients = backward(reduceSum(mul(y, mul(y, y)), axes, false), Object.values(named))
  graph.output('y', y)
  Object.keys(named).forEach((name, i) => graph.output(`d_${name}`, gradients[i] as Value))
  return graph
}

async function outcomeOf({ op, case: index, empty }: Task, provider: Provider): Promise<Outcome> {
  const one = casesOf(op)[index] as GradientCase
  const [first = ''] = Object.keys(one.sizes ?? {})
  const sizes: Record<string, number> = { ...one.sizes, ...(empty ? { [first]: 0 } : {}) }
  const values = one.values ?? ((i: number) => Math.sin(i * 1.7 + 0.3) * 1.2 + 0.05 * (i % 5))
  let seed = 0
  const feeds: Record<string, Tensor> = {}
  for (const [name, dims] of Object.entries(one.inputs)) {
    const shape = dims.map((dim) => (typeof dim === 'number' ? dim : (sizes[dim] ?? 2)))
    feeds[name] = { shape, data: Float32Array.from({ length: elementCount(shape) }, () => values(seed++)) }
  }
  const graph = graphOf(one)
  await using cpu = await Session.create(graph, { threads: 1 })
  const expected = await cpu.run(feeds)
  const folder = mkdtempSync(join(tmpdir(), 'pigment-operators-'))
  try {
    const session = await ort.InferenceSession.create(sourceOf(graph, { provider }).model, {
      executionProviders: [provider, 'cpu'],
      enableProfiling: true,
      profileFilePrefix: join(folder, 'profile'),
      logSeverityLevel: 4,
    })
    const tensors = Object.fromEntries(
      Object.entries(feeds).map(([name, { shape, data }]) => [name, new ort.Tensor('float32', data, shape)]),
    )
    const got = await session.run(tensors)
    session.endProfiling()
    await session.release()
    const far = (names: readonly string[]): number =>
      Math.max(0, ...names.map((name) => distance(got[name]?.data as Float32Array, expected[name]?.data ?? new Float32Array())))
    return { forward: far(['y']), gradients: far(Object.keys(one.inputs).map((name) => `d_${name}`)), onCpu: leftToCpu(folder) }
  } catch (error) {
    return { refused: String(error).replaceAll(/\s+/g, ' ').slice(0, 200), onCpu: {} }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function distance(got: Float32Array | undefined, expected: Float32Array): number {
  if (got?.length !== expected.length) return Infinity
  const scale = Math.max(1e-6, ...expected.map(Math.abs))
  return Math.max(0, ...expected.map((value, i) => Math.abs(value - (got[i] ?? NaN)))) / scale
}

interface ProfileEvent {
  readonly cat: string
  readonly name: string
  readonly args?: {
    readonly provider?: string
    readonly op_name?: string
    readonly output_type_shape?: readonly Readonly<Record<string, unknown>>[]
  }
}

function leftToCpu(folder: string): Record<string, number> {
  const events = readdirSync(folder).flatMap((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as ProfileEvent[])
  const counts: Record<string, number> = {}
  for (const { cat, name, args } of events) {
    const isNumber = args?.output_type_shape?.some((one) => 'float' in one) ?? false
    if (cat !== 'Node' || !name.endsWith('_kernel_time') || args?.provider !== 'CPUExecutionProvider' || !isNumber) continue
    const op = args.op_name ?? ''
    counts[op] = (counts[op] ?? 0) + 1
  }
  return counts
}

if (process.argv[1] === import.meta.filename) {
  const [provider, from, ...ops] = process.argv.slice(2)
  for (const [index, task] of tasksOf(ops).entries()) {
    if (index < Number(from)) continue
    console.log(JSON.stringify({ index }))
    console.log(JSON.stringify({ index, outcome: await outcomeOf(task, provider as Provider) }))
  }
}
