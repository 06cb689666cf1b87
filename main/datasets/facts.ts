// What is known of each picture beyond its name: size, and after an analysis its look. Kept in a file, by path and stamp.
import { join } from 'node:path'
import { z } from 'zod'
import type { Found } from '../../engine/datasets/found.ts'
import type { ToolsProcess } from '../operations/workers.ts'
import type { Counted } from '../operations/each-picture.ts'
import type { Measured } from '../operations/tools/measure.ts'
import { JsonFile } from '../stores/json-file.ts'

const errorFact = z.object({ code: z.string(), message: z.string(), facts: z.record(z.string(), z.unknown()) })
const fact = z.object({
  stamp: z.string(),
  width: z.number().default(0),
  height: z.number().default(0),
  error: errorFact.optional(),
  hash: z.string().optional(),
  sharpness: z.number().optional(),
})
export type PictureFacts = z.infer<typeof fact>
const schema = z.object({ pictures: z.record(z.string(), fact).default({}) })

export class FactsIndex {
  readonly #file: JsonFile<typeof schema>
  readonly #tools: ToolsProcess
  readonly #known: Map<string, PictureFacts>
  #revision = 0
  private constructor(file: JsonFile<typeof schema>, tools: ToolsProcess) {
    this.#file = file
    this.#tools = tools
    this.#known = new Map(Object.entries(file.value.pictures))
  }

  static async open(folder: string, dataset: string, tools: ToolsProcess): Promise<FactsIndex> {
    return new FactsIndex(await JsonFile.open(join(folder, `${dataset}.pictures.json`), schema), tools)
  }

  /** Another one after whatever was learnt. */
  get revision(): number {
    return this.#revision
  }

  of({ path, stamp }: Found): PictureFacts | undefined {
    const known = this.#known.get(path)
    return known?.stamp === stamp ? known : undefined
  }

  /** Whether its look is known, or never will be. */
  looked(one: Found): boolean {
    const known = this.of(one)
    return known !== undefined && (known.hash !== undefined || known.error !== undefined)
  }

  /** Pictures of a folder that has another name now are the same pictures. */
  async renamed(from: string, to: string): Promise<void> {
    const moved = [...this.#known].filter(([path]) => path.startsWith(`${from}/`))
    for (const [path] of moved) this.#known.delete(path)
    await this.#merge(moved.map(([path, facts]) => [`${to}${path.slice(from.length)}`, facts]))
  }

  /** Measures the pictures that are not known in their present state. True when something new was learnt. */
  async measure(found: readonly Found[], progress: Progress = () => undefined): Promise<boolean> {
    const fresh = found.filter((one) => !this.of(one))
    if (fresh.length === 0) return false
    const measured = await this.#tools.call('measure', filesOf(fresh), { onEvent: counted(progress) })
    await this.#merge(fresh.map(({ path, stamp }, i) => [path, { stamp, ...sizeOf(measured[i]) }]))
    return true
  }

  /** Looks for likeness and blur at those not looked at yet. */
  async look(found: readonly Found[], progress: Progress, signal: AbortSignal): Promise<void> {
    const fresh = found.filter((one) => this.of(one) && !this.looked(one))
    if (fresh.length === 0) return
    const looked = await this.#tools.call('look', filesOf(fresh), { onEvent: counted(progress), signal })
    await this.#merge(
      fresh.map((one, i) => {
        const answer = looked[i]
        const known = this.of(one) as PictureFacts
        return [one.path, answer && 'error' in answer ? { ...known, error: answer.error } : { ...known, ...answer }]
      }),
    )
  }

  /** An index that cannot be written (the disk is full) is made again later; the pictures themselves are untouched. */
  async #merge(entries: readonly (readonly [string, PictureFacts])[]): Promise<void> {
    this.#revision++
    for (const [path, facts] of entries) this.#known.set(path, facts)
    await this.#file.set({ pictures: Object.fromEntries(this.#known) }).catch(() => undefined)
  }
}

type Progress = (done: number, total: number) => void

const counted =
  (progress: Progress) =>
  ({ done, total }: Counted): void =>
    progress(done, total)

const filesOf = (found: readonly Found[]): { paths: string[] } => ({ paths: found.map(({ file }) => file) })

function sizeOf(measured: Measured | undefined): Pick<PictureFacts, 'width' | 'height' | 'error'> {
  if (measured && !('error' in measured)) return { width: measured.width, height: measured.height }
  return { width: 0, height: 0, ...(measured ? { error: { ...measured.error, facts: { ...measured.error.facts } } } : {}) }
}
