import { expect, test } from 'vitest'
import { Graph, type Value } from '../graph/graph.ts'
import { graphMemory } from '../graph/memory.ts'
import '../ops/index.ts'
import type { Packing } from './codec.ts'
import { nf4 } from './nf4.ts'

const [O, I] = [256, 128]
const shape = [O, I / 4, 2, 2]
const packing = nf4.packing?.({ residualRank: 0 }) as Packing

test.each([false, true])(
  'what is unpacked of NF4 lies in a shape that the runtime learns late, and counts in full; turned: %s',
  (turned) => {
    const graph = new Graph('nf4')
    const x = graph.input('x', 'float32', ['N', I])
    const parts = packing.outline(shape)
    const values = Object.fromEntries(Object.entries(parts).map(([key, part]): [string, Value] => [key, graph.held(key, part)]))
    const weight = packing.frozen(values, shape).value(shape, x)
    graph.output('w', turned ? (weight.turned?.(x) as Value) : weight)
    // Of a shape that it knows it would keep the memory for the next value of that shape, through the whole step.
    const weights = graph.nodes.flatMap(({ op, outputs }) => (op === 'MatMulBnb4' || op === 'Transpose' || op === 'Slice' ? outputs : []))
    const told = weights.filter(({ shape: sides }) => sides.every((dim) => typeof dim === 'number') && sides.length > 1)
    expect(told).toEqual([])
    // The weight goes to whoever asked; NF4 is turned on the way.
    const { values: most } = graphMemory(graph, { N: 1 })
    expect(most).toBeGreaterThanOrEqual(O * I * 4)
    expect(most).toBeLessThan(3.2 * O * I * 4)
  },
)
