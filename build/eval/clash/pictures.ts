// Pictures of the same concepts and seeds under every stack; what is drawn already is kept.
import { existsSync, readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { moduleShapes, readAdapter } from '../../../engine/adapter-formats/read.ts'
import type { StackEntry } from '../../../engine/adapters/stack.ts'
import { writeFileAtomic } from '../../../engine/files/atomic.ts'
import { generateTogether } from '../../../engine/generate.ts'
import { generateRequest } from '../../../engine/requests/generate.ts'
import type { Model } from '../../../engine/sessions/open-model.ts'
import { promptOf, scoredConcepts } from '../../../main/operations/demo-styles.ts'
import { drain } from '../../../main/operations/drain.ts'
import { openModel, settings, stackedSettings } from '../draw.ts'
import { adapterFile } from './adapters.ts'
import { phraseOf, type ClashStyle } from './styles.ts'

const side = 64
const size = side * side * 3
const together = 8
/** Enough for means of a style; every one is drawn under 57 stacks. */
const concepts = scoredConcepts.slice(0, 16)
/** The demo's, but for the number of steps. */
const steps = 12
const seed = 101

/** A style that is called for, and those that are switched on, each at strength 1. */
export interface Drawing {
  readonly called: ClashStyle
  readonly on: readonly ClashStyle[]
}
export const nameOf = ({ called, on }: Drawing): string => `${called.name} by ${on.map(({ name }) => name).join(' + ') || 'none'}`

export class Painter {
  readonly #work: string
  #model: Model | undefined
  constructor(work: string) {
    this.#work = work
  }

  /** RGB, 64 × 64, one a concept, in the same order and from the same seeds for every drawing. */
  async draw(drawing: Drawing): Promise<readonly Uint8Array[]> {
    const file = join(this.#work, 'drawn', `${nameOf(drawing)}.rgb`)
    if (!existsSync(file)) await this.#paint(drawing, file)
    const bytes = readFileSync(file)
    return concepts.map((_, i) => new Uint8Array(bytes.subarray(i * size, (i + 1) * size)))
  }

  async #paint({ called, on }: Drawing, file: string): Promise<void> {
    this.#model ??= await openModel()
    const model = this.#model
    const modules = moduleShapes(model.checkpoint)
    const stack: StackEntry[] = []
    for (const style of on) stack.push({ adapter: await readAdapter(adapterFile(this.#work, style), modules), weight: 1, enabled: true })
    const request = generateRequest.parse({ prompt: '', ...(on.length > 0 ? stackedSettings : settings), steps })
    const pictures = concepts.map((concept, i) => ({ prompt: promptOf(concept, [{ phrase: phraseOf(called) }]), seed: seed + i }))
    const drawn: Uint8Array[] = []
    for (let i = 0; i < pictures.length; i += together)
      for (const { rgb } of await drain(generateTogether(model, request, pictures.slice(i, i + together), { stack }), () => {}))
        drawn.push(rgb)
    await mkdir(join(this.#work, 'drawn'), { recursive: true })
    await writeFileAtomic(file, Buffer.concat(drawn))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#model?.[Symbol.asyncDispose]()
  }
}
