// Help with captions: who can say them, what is asked of whom, and what would become of the first pictures.
import type { CaptionPreview, CaptionWay } from '../../main/api/methods/captioning.ts'
import type { OwnOptions } from '../../engine/requests/own-options.ts'
import { errorRecord, type ErrorRecord } from '../../engine/requests/error.ts'
import { datasets } from './datasets.svelte.ts'
import { fieldProblems } from './form-problems.ts'
import { host } from './host.svelte.ts'
import { latest } from './overtaken.ts'

/** The template that adds nothing. */
const said = '{tags}'
/** What becomes of captions that are there. */
export const existingChoices = ['keep', 'overwrite', 'start', 'end'] as const

class Captioning {
  ways = $state.raw<readonly CaptionWay[]>([])
  /** Of the way that is chosen: its name, or its folder. */
  chosen = $state('filename')
  options = $state.raw<OwnOptions>({})
  template = $state(said)
  existing = $state<(typeof existingChoices)[number]>('keep')
  preview = $state.raw<CaptionPreview>()
  error = $state.raw<ErrorRecord>()
  /** An answer is on its way. */
  asking = $state(false)
  readonly #newest = latest()

  way = $derived(this.ways.find((one) => one.with === this.chosen) ?? this.ways[0])
  problems = $derived(fieldProblems(this.way?.options ?? [], (key) => this.options[key] ?? this.#usual(key)))

  async load(): Promise<void> {
    this.ways = await host.api.captioning.list()
  }

  /** Throws what is wrong with the folder. */
  async add(path: string): Promise<void> {
    this.ways = await host.api.captioning.add({ path })
    this.choose(path)
  }

  async forget(path: string): Promise<void> {
    this.ways = (await host.attempt(() => host.api.captioning.remove({ path }))) ?? this.ways
    this.choose('filename')
  }

  choose(way: string): void {
    if (way === this.chosen) return
    this.chosen = way
    this.options = {}
    // A template alone has nothing else to say.
    if (this.way?.kind === 'template' && this.template === said) this.template = '{trigger}, {name}'
  }

  /** Of the first pictures. What is asked later overtakes it. */
  async look(selectedOnly: boolean): Promise<void> {
    this.asking = true
    try {
      const answer = await this.#newest(host.api.captioning.preview({ ...this.#form(selectedOnly), pictures: 3 }))
      if (!answer) return
      this.preview = answer
      this.error = undefined
    } catch (failure) {
      this.preview = undefined
      this.error = errorRecord(failure)
    }
    this.asking = false
  }

  /** False where it could not be queued. */
  async start(selectedOnly: boolean): Promise<boolean> {
    return (await host.attempt(() => host.api.captioning.start(this.#form(selectedOnly)))) !== undefined
  }

  #usual(key: string): unknown {
    return this.way?.options.find((field) => field.key === key)?.default
  }

  #form(selectedOnly: boolean) {
    const { existing, template } = this
    return {
      ...{ dataset: datasets.openId, selection: datasets.scope(selectedOnly), with: this.way?.with ?? this.chosen },
      ...{ options: { ...this.options }, template, overwrite: existing === 'overwrite' },
      ...(existing === 'start' || existing === 'end' ? { add: existing } : {}),
    }
  }
}

export const captioning = new Captioning()
