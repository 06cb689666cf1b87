// Lengths of the rows of W + s·B·A, by the runtime on all cores: what magnitudes are divided by, for every weight that they stand on.
import '../ops/index.ts'
import { rankOf, scaleOf, type LowRank } from '../adapters/low-rank.ts'
import { Graph } from '../graph/graph.ts'
import { add, matMul, mul, reduceSum, sqrt } from '../graph/math.ts'
import { Session } from '../runtime/session.ts'
import type { Tensor } from '../tensor/tensor.ts'

let holders = 0
let session: Promise<Session> | undefined

/** Keeps the session, once it is made, until everyone has let go. */
export function holdRowNorms(): AsyncDisposable {
  holders++
  return {
    async [Symbol.asyncDispose]() {
      if (--holders > 0) return
      const held = session
      session = undefined
      await (await held)?.[Symbol.asyncDispose]()
    },
  }
}

/** ‖W + (alpha / R)·B·A‖ of each output, (O); W is (O, I), or (O, I, k, k), whose window counts as inputs. */
export async function rowNorms({ shape: [outputs = 0], data }: Tensor, pair: LowRank): Promise<Float32Array> {
  await using _held = holdRowNorms()
  const [rank, inputs, scale] = [rankOf(pair), data.length / outputs, scaleOf(pair)]
  session ??= Session.create(graph())
  const { lengths } = await (
    await session
  ).run({
    weight: { shape: [outputs, inputs], data },
    a: { shape: [rank, inputs], data: pair.down.data },
    b: { shape: [outputs, rank], data: pair.up.data.map((value) => value * scale) },
  })
  return lengths?.data as Float32Array
}

function graph(): Graph {
  const made = new Graph('row norms')
  const weight = made.input('weight', 'float32', ['O', 'I'])
  const v = add(weight, matMul(made.input('b', 'float32', ['O', 'R']), made.input('a', 'float32', ['R', 'I'])))
  made.output('lengths', sqrt(reduceSum(mul(v, v), [1], false)))
  return made
}
