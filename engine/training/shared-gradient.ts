// A step's gradient where several train together: its parts are micro-batches, or rows of them where there are fewer of those than who trains.
import type { Graph } from '../graph/graph.ts'
import type { Lane } from './learner.ts'
import type { Exchange } from './exchange.ts'
import type { Feeds } from './plan.ts'
import type { Told } from './steps.ts'

interface SharedStep {
  readonly step: number
  readonly member: number
  readonly accumulation: number
  readonly graph: Graph
  /** Of a whole micro-batch: all draws are made for it, whoever computes which rows. */
  readonly feeds: (micro: number) => Promise<Feeds>
}

/** Rows `from` to `to` of a micro-batch of `rows`. */
interface Share {
  readonly micro: number
  readonly from: number
  readonly to: number
  readonly rows: number
}

/** Whether an output is one number that is told of a step. */
export const isNumber = (output: string): boolean => !output.startsWith('d/') && output !== 'rows'

/** Into `sum` the mean over all rows, in the order of the parts and in no other: it does not depend on who was first. */
export async function sharedGradient(
  exchange: Exchange,
  shared: SharedStep,
  [lane]: readonly Lane[],
  sum: Float32Array,
): Promise<Told['outputs']> {
  const { step, member, accumulation, graph, feeds } = shared
  const micros = new Map<number, Promise<Feeds>>()
  const feedsOf = (micro: number): Promise<Feeds> => {
    const known = micros.get(micro) ?? feeds(micro)
    micros.set(micro, known)
    return known
  }
  const byRow = graph.inputs.filter(({ shape }) => shape[0] === 'N' || shape[0] === 'R').map(({ name }) => name)
  // Rows that are held to the base's own predictions go with their pictures: such a micro-batch is not cut.
  const whole = graph.inputs.some(({ shape }) => shape[0] === 'P')
  const slices = whole ? 1 : Math.ceil(exchange.size / accumulation)
  const rows = await Promise.all(
    Array.from({ length: accumulation }, async (_, micro) => (slices > 1 ? rowsIn(await feedsOf(micro), byRow) : 1)),
  )
  const shares = rows.flatMap((count, micro) => sharesOf(micro, count, slices))
  const parts = await exchange.gather({
    ...{ step, member, count: shares.length },
    async compute(index) {
      const share = shares[index] as Share
      const told = await (lane as Lane).session.run(rowsOf(await feedsOf(share.micro), byRow, share), lane?.into)
      const outputs = Object.entries(told).flatMap(([name, { data }]) => (isNumber(name) ? [[name, data[0] ?? NaN] as const] : []))
      return { outputs: Object.fromEntries(outputs), gradient: (lane as Lane).gradient.slice() }
    },
  })
  const outputs: Record<string, number> = {}
  sum.fill(0)
  for (const [index, part] of parts.entries()) {
    const { from, to, rows } = shares[index] as Share
    const weight = (to - from) / rows
    for (const [name, value] of Object.entries(part.outputs)) outputs[name] = (outputs[name] ?? 0) + (value * weight) / accumulation
    for (let k = 0; k < sum.length; k++) sum[k] = (sum[k] ?? 0) + ((part.gradient[k] ?? 0) * weight) / accumulation
  }
  return outputs
}

/** As even as they can be; none is empty. */
function sharesOf(micro: number, rows: number, slices: number): Share[] {
  const count = Math.min(slices, rows)
  return Array.from({ length: count }, (_, i) => ({
    ...{ micro, rows },
    from: Math.floor((rows * i) / count),
    to: Math.floor((rows * (i + 1)) / count),
  }))
}

const rowsIn = (feeds: Feeds, byRow: readonly string[]): number => Math.max(1, ...byRow.map((name) => feeds[name]?.shape[0] ?? 1))

function rowsOf(feeds: Feeds, byRow: readonly string[], { from, to, rows }: Share): Feeds {
  if (to - from === rows) return feeds
  const cut = byRow.flatMap((name) => {
    const feed = feeds[name]
    if (!feed) return []
    const row = feed.data.length / rows
    return [[name, { shape: [to - from, ...feed.shape.slice(1)], data: feed.data.subarray(from * row, to * row) }]]
  })
  return { ...feeds, ...(Object.fromEntries(cut) as Feeds) }
}
