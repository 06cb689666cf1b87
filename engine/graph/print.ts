// The readable dump of a graph: one line a node, shapes at the end. Tests keep dumps of tiny graphs as snapshots.
import { showShape } from './dims.ts'
import { Graph, type Value } from './graph.ts'

export function printGraph(graph: Graph): string {
  const typed = (value: Value) => `${value.name}: ${value.dtype}${showShape(value.shape)}`
  const lines = [`graph ${graph.name}(${graph.inputs.map(typed).join(', ')})`]
  for (const value of graph.constants) {
    const data = value.constant
    const bytes = data && 'held' in data ? data.held.bytes : data && 'bytes' in data ? data.bytes : new Uint8Array()
    const from = data && 'source' in data ? `${data.source.file.split(/[\\/]/).at(-1)} @${data.source.offset}` : `${bytes.length} B`
    lines.push(`  const ${typed(value)}  (${from})`)
  }
  for (const node of graph.nodes) {
    const attributes = Object.entries(node.attributes)
      .filter(([, value]) => value !== undefined)
      .map(
        ([name, value]) =>
          `${name}=${Array.isArray(value) ? `[${value.join(', ')}]` : value instanceof Graph ? `(${value.name})` : String(value)}`,
      )
    const inputs = node.inputs.map((value) => value?.name ?? '·').join(', ')
    const segment = node.segment ? `  ⟲ ${node.segment.name}` : ''
    lines.push(`  ${node.outputs.map(typed).join(', ')} = ${node.op}(${[inputs, ...attributes].filter(Boolean).join('; ')})${segment}`)
  }
  lines.push(`  return ${graph.outputs.map(({ name, value }) => (name === value.name ? name : `${name} = ${value.name}`)).join(', ')}`)
  return lines.join('\n')
}
