// A·Aᵀ of fp32 rows by the runtime, in fp64: several times as fast as JavaScript for many rows.
import { Graph } from '../graph/graph.ts'
import { cast, matMul, sub, transpose } from '../graph/math.ts'
import type { Matrix } from '../linear-algebra/matrix.ts'
import '../ops/index.ts'
import { Session, type SessionOptions } from './session.ts'

export class GramSession implements AsyncDisposable {
  readonly #session: Session
  private constructor(session: Session) {
    this.#session = session
  }

  /** Throws `out-of-memory`, `runtime`. */
  static async open({ threads }: Pick<SessionOptions, 'threads'> = {}): Promise<GramSession> {
    const graph = new Graph('gram')
    const rows = cast(graph.input('rows', 'float32', ['R', 'N']), 'float64')
    const all = matMul(rows, transpose(rows, [1, 0]))
    // Sessions give fp32 out: what one of them leaves of fp64 is in the other.
    const high = cast(all, 'float32')
    graph.output('high', high)
    graph.output('low', cast(sub(all, cast(high, 'float64')), 'float32'))
    return new GramSession(await Session.create(graph, { ...(threads === undefined ? {} : { threads }) }))
  }

  /** (R, R) of (R, N), to 48 bits. */
  readonly gram = async ({ rows, columns, data }: Matrix): Promise<Matrix> => {
    const fed = data instanceof Float32Array ? data : Float32Array.from(data)
    const { high, low } = await this.#session.run({ rows: { shape: [rows, columns], data: fed } })
    return { rows, columns: rows, data: Float64Array.from(high?.data ?? [], (value, i) => value + (low?.data[i] ?? 0)) }
  };

  [Symbol.asyncDispose](): Promise<void> {
    return this.#session[Symbol.asyncDispose]()
  }
}
