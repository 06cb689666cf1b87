// A merge in the making: what is merged, how, what that would be, and pictures of it.
import { errorRecord, type ErrorRecord } from '../../engine/requests/error.ts'
import type { OwnOptions } from '../../engine/requests/own-options.ts'
import type { AdapterCard } from '../../main/api/methods/library.ts'
import type { GalleryPicture } from '../../main/api/methods/gallery.ts'
import type { GenerateForm } from '../../main/api/methods/generate.ts'
import type { MergeChoice, MergeMethods, MergePreview } from '../../main/api/methods/merging.ts'
import { t } from '../words/words.svelte.ts'
import { fieldProblems } from './form-problems.ts'
import { host } from './host.svelte.ts'
import { library } from './library.svelte.ts'

/** As many as a person can still tell apart; the terminal takes more. */
export const mostSources = 8

interface MergeSource {
  adapter: string
  weight: number
}
/** How far the rank goes: what the method needs, at most so much, or as much as keeps a share of the energy. */
export type Limit = 'method' | 'rank' | 'energy'

/** From the last change to the question what the merge would be. */
const pause = 350

class Merging {
  methods = $state<MergeMethods>()
  sources = $state<MergeSource[]>([])
  method = $state('linear')
  methodOptions = $state<OwnOptions>({})
  limit = $state<Limit>('method')
  rank = $state(16)
  energy = $state(0.95)
  seed = $state(0)
  title = $state('')
  report = $state.raw<MergePreview>()
  /** Why there is no report. */
  failure = $state.raw<ErrorRecord>()
  /** How far the report is, from 0 to 1. */
  pending = $state<number>()
  /** Counts how often a report that failed was asked for again. */
  attempts = $state(0)
  job = $state<string>()
  sheet = $state.raw<GalleryPicture>()
  #started = false

  /** Those that are still in the library and can be read. */
  live = $derived(this.sources.filter(({ adapter }) => this.cardOf(adapter) !== undefined))
  card = $derived(this.methods?.methods.find(({ name }) => name === this.method))
  problems = $derived(fieldProblems(this.card?.options ?? [], (key) => this.valueOf(key)))
  /** What is asked for, or nothing while it cannot be. */
  choice = $derived(this.#choice())

  cardOf = (id: string): AdapterCard | undefined => library.adapters.find((one) => one.id === id && !one.error)
  valueOf = (key: string): unknown => this.methodOptions[key] ?? this.card?.options.find((field) => field.key === key)?.default
  /** What the result is called unless a person says otherwise. */
  usualTitle = $derived(this.live.map(({ adapter }) => this.cardOf(adapter)?.title ?? '').join(' + '))

  async load(): Promise<void> {
    if (this.#started) return
    this.#started = true
    host.hear('gallery', ({ picture, removed }) => {
      if (picture.job === this.job) this.sheet = removed ? undefined : picture
    })
    this.methods = await host.api.merging.methods({})
  }

  add(adapter: string): void {
    if (this.sources.length < mostSources && !this.sources.some((one) => one.adapter === adapter)) this.sources.push({ adapter, weight: 1 })
  }
  /** These and no others. */
  take(adapters: readonly string[]): void {
    this.sources = []
    for (const adapter of adapters) this.add(adapter)
  }
  remove(adapter: string): void {
    this.sources = this.sources.filter((one) => one.adapter !== adapter)
  }
  choose(method: string): void {
    this.method = method
    this.methodOptions = {}
  }

  #choice(): MergeChoice | undefined {
    const whole = this.live.every(({ weight }) => Number.isFinite(weight))
    if (this.live.length < 2 || !this.card || this.problems.length > 0 || !whole || !Number.isInteger(this.seed)) return undefined
    const limit =
      this.card.rank === 'kept' || this.limit === 'method' ? {} : this.limit === 'rank' ? { rank: this.rank } : { energy: this.energy }
    return {
      sources: this.live.map(({ adapter, weight }) => ({ adapter, weight })),
      method: this.card.name as MergeChoice['method'],
      methodOptions: { ...this.methodOptions },
      seed: this.seed,
      ...limit,
    }
  }

  /** What the merge would be, told while it is chosen; gives what ends that, because something else was chosen. */
  watch(choice: MergeChoice | undefined): () => void {
    this.failure = undefined
    if (!choice) {
      this.report = undefined
      return () => undefined
    }
    const task = crypto.randomUUID()
    let over = false
    let asked = false
    this.pending = 0
    const deaf = host.hear('task', (event) => {
      if (event.task === task && event.total > 0) this.pending = event.done / event.total
    })
    const ask = async (): Promise<void> => {
      asked = true
      try {
        const report = await host.api.merging.preview({ ...choice, task })
        if (!over) this.report = report
      } catch (error) {
        if (over) return
        this.report = undefined
        this.failure = errorRecord(error)
      } finally {
        asked = false
        if (!over) this.pending = undefined
      }
    }
    const timer = setTimeout(() => void ask(), pause)
    return () => {
      over = true
      clearTimeout(timer)
      deaf()
      this.pending = undefined
      if (asked) void host.attempt(() => host.api.app.stop({ task }))
    }
  }

  /** As an entry of the library, with a way back. */
  async save(): Promise<void> {
    const choice = this.choice
    if (!choice) return
    const title = this.title.trim() || this.usualTitle.slice(0, 200)
    const saved = await host.attempt(() =>
      host.long(t('merge.saving'), t('app.stop'), ({ task }) => host.api.merging.save({ ...$state.snapshot(choice), title, task })),
    )
    if (!saved) return
    this.title = ''
    const undo = () => void library.remove([saved.adapter])
    host.tell({ text: t('merge.saved', { name: saved.adapter.title }), action: { label: t('app.undo'), run: undo } })
  }

  /** Into a copy of a model, in place of an adapter. Throws what writing it throws. */
  async bake(into: { model: string; out: string; precision?: 'fp32' | 'fp16' | 'bf16' | undefined }): Promise<void> {
    const choice = this.choice
    if (!choice) return
    const given = { ...$state.snapshot(choice), ...into }
    const baked = await host.long(t('merge.baking'), t('app.stop'), ({ task }) => host.api.merging.bake({ ...given, task }))
    if (baked) host.tell({ text: t('merge.baked', { path: baked.out }) })
  }

  /** Pictures of it before it is saved. */
  async draw(form: GenerateForm, seeds: readonly number[]): Promise<void> {
    const choice = this.choice
    if (!choice) return
    const job = await host.attempt(() => host.api.merging.pictures({ merge: $state.snapshot(choice), form, seeds: [...seeds] }))
    if (!job) return
    this.job = job.id
    this.sheet = undefined
  }
}

export const merging = new Merging()
