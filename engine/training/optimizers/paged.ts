// Optimizers whose state lies in a file and is brought in page by page under a budget (Dettmers et al. 2023, "QLoRA", whose paged optimizers leave that
// to a card's driver). Every number is what it would be in memory: pages change where it lies, and nothing else.
import { z } from 'zod'
import { PageFile } from '../../files/page-file.ts'
import { vectorBytes, vectorOver, type Vector, type VectorStore } from '../../tensor/vectors.ts'
import type { OptimizerState } from './optimizer.ts'
import { keptBytes, partOf, placed, vectorsOf, type Kept, type Placed, type Span } from './spans.ts'

export const pageOptions = {
  budgetMB: z
    .number()
    .min(0.0625)
    .max(1_048_576)
    .default(256)
    .meta({ description: 'MB of memory for the state of each member; the rest lies in a file beside the checkpoints', step: 64 }),
  pageKB: z
    .int()
    .min(4)
    .max(65_536)
    .default(1024)
    .meta({ description: 'KB of a page, which is at most a quarter of the memory', step: 256 }),
}

export interface Paging {
  readonly folder: string
  /** Bytes. */
  readonly budget: number
  readonly page: number
}

export const budgetOf = ({ budgetMB }: { readonly budgetMB: number }): number => budgetMB * 2 ** 20

export const pagingOf = (options: { readonly budgetMB: number; readonly pageKB: number }, folder: string): Paging => {
  const budget = budgetOf(options)
  return { folder, budget, page: Math.min(options.pageKB * 1024, budget / 4) }
}

/** Where the numbers of a part lie in its page. */
interface Slice {
  readonly name: string
  readonly kept: Kept
  readonly begin: number
  readonly bytes: number
}
interface Part extends Placed {
  readonly slices: readonly Slice[]
}
interface Page {
  readonly parts: readonly Part[]
  readonly size: number
}

/** Parameters of which no rule keeps less than a whole number. */
const unit = 256

export async function paged(spans: readonly Span[], { folder, budget, page: most }: Paging): Promise<OptimizerState> {
  const all = placed(spans)
  const pages = pagesOf(all, most)
  const file = await PageFile.open({ folder, sizes: pages.map(({ size }) => size), budget })
  let before = file.traffic
  let now = before
  return {
    vectors: {},
    stores: Object.fromEntries(Object.entries(vectorsOf(all)).map(([name, facts]) => [name, { ...facts, ...access(pages, file, name) }])),
    async update(theta, gradient, { lr, step }) {
      before = file.traffic
      // There and back: a step begins with the pages that the one before it has left in memory.
      const order = step % 2 === 1 ? [...pages.keys()] : [...pages.keys()].toReversed()
      let ahead = file.page(order[0] ?? 0)
      for (const [n, index] of order.entries()) {
        const bytes = await ahead
        // The next is read while this one is worked on.
        const next = order[n + 1]
        if (next !== undefined) ahead = file.page(next)
        for (const { from, to, rate, rule, slices } of (pages[index] as Page).parts) {
          const kept = Object.fromEntries(slices.map((slice) => [slice.name, numbersOf(slice, bytes)]))
          rule.update(theta.subarray(from, to), gradient.subarray(from, to), kept, { lr: lr * rate, step })
        }
      }
      now = file.traffic
    },
    told: () => ({
      pagesRead: now.read - before.read,
      pagesWritten: now.written - before.written,
      pagesHeld: now.held - before.held,
    }),
    [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
  }
}

const numbersOf = ({ kept: { type }, begin, bytes }: Slice, page: Uint8Array): Vector =>
  vectorOver(type, page.subarray(begin, begin + bytes))

/** Pages are filled in the order of θ; a span that does not fit into what is left of one is parted. */
function pagesOf(spans: readonly Placed[], most: number): Page[] {
  const pages: Page[] = []
  let parts: Part[] = []
  let size = 0
  const turn = (): void => {
    if (parts.length > 0) pages.push({ parts, size })
    parts = []
    size = 0
  }
  for (const span of spans)
    for (let from = 0; from < span.to - span.from;) {
      const left = span.to - span.from - from
      const fits = Math.floor(Math.max(0, most - size) / (keptBytes(span.rule, unit) + padding * Object.keys(span.at).length)) * unit
      // A page that is empty takes something in any case.
      const count = Math.min(left, fits || (size === 0 ? unit : 0))
      if (count === 0) {
        turn()
        continue
      }
      const part = partOf(span, from, count)
      const slices = Object.entries(part.at).map(([name, [begin, end]]): Slice => {
        const kept = span.rule.kept[name] as Kept
        const slice = { name, kept, begin: size, bytes: (end - begin) * vectorBytes(kept.type) }
        size += Math.ceil(slice.bytes / padding) * padding
        return slice
      })
      parts.push({ ...part, slices })
      from += count
    }
  turn()
  return pages
}
/** Numbers lie at addresses that suit all types. */
const padding = 8

/** The numbers of one vector, wherever they lie. */
function access(pages: readonly Page[], file: PageFile, name: string): Pick<VectorStore, 'read' | 'write'> {
  const where = pages.flatMap(({ parts }, page) =>
    parts.flatMap(({ at, slices }) => {
      const slice = slices.find((one) => one.name === name)
      return slice && at[name] ? [{ page, slice, at: at[name] }] : []
    }),
  )
  async function visit(from: number, to: number, bytesOf: (page: number) => Promise<Uint8Array>, use: (own: Vector, at: number) => void) {
    let last: { page: number; bytes: Uint8Array } | undefined
    for (const { page, slice, at } of where) {
      const [begin, end] = [Math.max(from, at[0]), Math.min(to, at[1])]
      if (begin >= end) continue
      if (last?.page !== page) last = { page, bytes: await bytesOf(page) }
      use(numbersOf(slice, last.bytes).subarray(begin - at[0], end - at[0]), begin - from)
    }
  }
  return {
    async read(from, to) {
      const type = where[0]?.slice.kept.type ?? 'F32'
      const values = vectorOver(type, new Uint8Array((to - from) * vectorBytes(type)))
      await visit(
        from,
        to,
        (page) => file.copy(page),
        (own, at) => values.set(own, at),
      )
      return values
    },
    write: (from, values) =>
      visit(
        from,
        from + values.length,
        (page) => file.page(page),
        (own, at) => own.set(values.subarray(at, at + own.length)),
      ),
  }
}
