// Every operator and its gradient on WebGPU against the CPU, over the software driver of Debian's chromium: `node build/run.mjs build/operators/table.ts`
// writes docs/operators.md.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { knownOps } from '../../engine/graph/op.ts'
import { runWithDriver, swiftShaderMissing } from '../../engine/runtime/testing-swiftshader.ts'
import '../../engine/ops/index.ts'
import { tasksOf, type Outcome, type Task } from './on-device.ts'

const script = fileURLToPath(new URL('on-device.ts', import.meta.url))
export const documentPath = join(import.meta.dirname, '../../docs/operators.md')
/** Sums in another order, and the sines of a shader. */
const close = 1e-3

export type Found = Task & { readonly outcome: Outcome | 'ended' }

/** Each case in a process that sees the driver; one that ends it is told, and the rest go on in another. */
export async function outcomes(ops: readonly string[], provider = 'webgpu'): Promise<Found[]> {
  const tasks = tasksOf(ops)
  const found: Found[] = []
  while (found.length < tasks.length) {
    const { stdout } = await runWithDriver([script, provider, String(found.length), ...ops])
    for (const line of stdout.split('\n').filter((text) => text.startsWith('{'))) {
      const { index, outcome } = JSON.parse(line) as { index: number; outcome?: Outcome }
      if (outcome) found[index] = { ...(tasks[index] as Task), outcome }
    }
    // The one that it did not get through.
    if (found.length < tasks.length) found[found.length] = { ...(tasks[found.length] as Task), outcome: 'ended' }
  }
  return found
}

const differs = (far: number): string => (far <= close ? 'as the CPU' : `differs (${far.toExponential(0)})`)

/** A row of the table. */
export function rowOf(op: string, found: readonly Found[]): string {
  const own = found.filter((one) => one.op === op)
  const whole = own.flatMap(({ empty, outcome }) => (empty || outcome === 'ended' ? [] : [outcome]))
  const ended = own.some(({ empty, outcome }) => !empty && outcome === 'ended')
  const refused = whole.find((one) => one.refused !== undefined)?.refused
  const said = (far: (one: Outcome) => number | undefined): string => {
    if (ended) return '**ends the process**'
    if (refused) return 'refused'
    return differs(Math.max(...whole.map((one) => far(one) ?? Infinity)))
  }
  const onCpu: Record<string, number> = {}
  for (const one of whole) for (const [name, count] of Object.entries(one.onCpu)) onCpu[name] = (onCpu[name] ?? 0) + count
  const fallbacks = Object.entries(onCpu)
    .toSorted()
    .map(([name, count]) => `${name} × ${count}`)
  const empty = own.filter((one) => one.empty).map(({ outcome }) => emptyOf(outcome))
  const nothing = empty.length === 0 ? '–' : [...new Set(empty)].toSorted().join(', ')
  return `| ${op} | ${said(({ forward }) => forward)} | ${said(({ gradients }) => gradients)} | ${fallbacks.join(', ') || 'none'} | ${nothing} |`
}

function emptyOf(outcome: Outcome | 'ended'): string {
  if (outcome === 'ended') return '**ends the process**'
  if (outcome.refused !== undefined) return 'refused'
  return differs(Math.max(outcome.forward ?? Infinity, outcome.gradients ?? Infinity))
}

export function document(found: readonly Found[]): string {
  const rows = knownOps().map(({ name, gradient }) =>
    'none' in gradient && !found.some(({ op }) => op === name)
      ? `| ${name} | – | none: ${gradient.none.split('. ')[0]?.replace(/\.$/, '')} | – | – |`
      : rowOf(name, found),
  )
  return `# Operators on WebGPU

Written by \`build/operators/table.ts\`: the cases of every operator that has a gradient (\`engine/ops/testing-cases.ts\`), forwards and backwards, on WebGPU over
SwiftShader and on the CPU, in fp32. SwiftShader has no 16-bit numbers. "On the CPU": operators of numbers that the runtime did not place on the device, over all
cases of the row, with what their gradients are made of. "Of nothing": the same with a tensor that has no elements along its first symbol, as an adapter of rank 0
has; the engine gives such a device one rank of zeros instead and refuses an input of no elements (\`empty-input\`), for a device may end the process over it.
DirectML was not run.

| operator | result | gradients | on the CPU | of nothing |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`
}

if (process.argv[1] === import.meta.filename) {
  const missing = swiftShaderMissing()
  if (missing) throw new Error(missing)
  const { format } = await import('prettier')
  const config = await (await import('prettier')).resolveConfig(documentPath)
  const text = document(await outcomes(knownOps().map(({ name }) => name)))
  writeFileSync(documentPath, await format(text, { ...config, parser: 'markdown' }))
}
