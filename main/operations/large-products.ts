// Products of large matrices for merges: by the runtime, whose native library is loaded with the first that is worth it.
import { product, type Multiply } from '../../engine/linear-algebra/product.ts'
import type { ProductSession } from '../../engine/runtime/product-session.ts'

/** Multiplications below which a run of the runtime costs more than it saves. */
const worthwhile = 2 ** 22

export class LargeProducts implements AsyncDisposable {
  #session: Promise<ProductSession> | undefined

  /** A·B: large ones in fp32. */
  readonly multiply: Multiply = async (a, b) => {
    if (a.rows * a.columns * b.columns < worthwhile) return product(a, b)
    this.#session ??= import('../../engine/runtime/product-session.ts').then(({ ProductSession: session }) => session.open())
    return (await this.#session).multiply(a, b)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#session?.catch(() => undefined))?.[Symbol.asyncDispose]()
  }
}
