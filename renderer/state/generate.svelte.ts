// What is asked for, the stack, and the gallery.
import type { FieldDescription } from '../../engine/requests/fields.ts'
import type { GalleryPicture } from '../../main/api/methods/gallery.ts'
import type { GenerateForm, GenerateOptions, GridAxis } from '../../main/api/methods/generate.ts'
import type { JobSummary } from '../../main/api/methods/jobs.ts'
import type { TopicPayload } from '../../main/api/topics.ts'
import { t } from '../words/words.svelte.ts'
import { Edits } from './edits.svelte.ts'
import { fieldProblems, ownKeys, unoffered } from './form-problems.ts'
import { emptied, freshForm, rememberedForm, requestFrom, type DrawingForm, type Remembered } from './drawing-form.ts'
import { modeOf } from './draw-from.ts'
import { host } from './host.svelte.ts'
import { library } from './library.svelte.ts'
import { latest, Meanwhile } from './overtaken.ts'
import { removePicture } from './remove-picture.ts'
import { settings } from './settings.svelte.ts'
import { Timeline } from './timeline.ts'
import { guidanceKeys, guidanceNow, type GuidanceTold } from './usual-guidance.ts'

type GalleryNews = TopicPayload<'gallery'>

/** What is not written down where it is empty. */
const unwritten = Object.fromEntries(Object.entries(freshForm()).filter(([, value]) => value === undefined))

class Generate {
  form = $state<DrawingForm>(freshForm())
  count = $state(1)
  keepSeed = $state(false)
  options = $state<GenerateOptions>()
  gallery = $state<readonly GalleryPicture[]>([])
  /** Of those that the filter lets through. */
  total = $state(0)
  text = $state('')
  starred = $state(false)
  filtered = $derived(this.text !== '' || this.starred)
  shown = $state<string>()
  /** What the stack changed by itself, as long as it stands so. */
  guided = $state.raw<GuidanceTold>()
  /** What a picture waits for before it can be asked for; false: it cannot. Nothing: it waits for nothing. */
  ready: () => Promise<boolean> | undefined = () => undefined
  job = $state<string>()
  #started = false
  /** Grows with each list that takes the place of the one before. */
  #generation = 0
  readonly #news = new Meanwhile<GalleryNews>()
  readonly #newestRecall = latest()
  readonly #newestOptions = latest()
  #optionsOf: string | undefined

  /** What was changed here, and how to take it back. */
  readonly timeline = new Timeline()
  readonly edits = new Edits<Remembered>({
    timeline: this.timeline,
    read: () => ({ ...$state.snapshot(this.form), count: this.count, keepSeed: this.keepSeed }),
    write: ({ count, keepSeed, ...form }) => {
      this.count = count
      this.keepSeed = keepSeed
      Object.assign(this.form, unwritten, form)
    },
    keep: (text) => settings.remember('generate', text),
  })

  /** The chosen model where it is still there; undefined: the embedded one. */
  model = $derived(library.models.find(({ id, embedded }) => id === this.form.model && !embedded)?.id)
  /** The chosen sampler with the options it has. */
  sampler = $derived(this.options?.samplers.find(({ name }) => name === this.form.sampler))
  /** Fields of a place of the form, in its order; `basic` ones are in sight. */
  fields = (level: 'basic' | 'advanced', ...groups: readonly (string | undefined)[]): readonly FieldDescription[] =>
    (this.options?.fields ?? []).filter(
      (field) => (field.level ?? 'advanced') === level && (groups.length === 0 || groups.includes(field.group)),
    )
  valueOf = (key: string): unknown => this.form[key as keyof DrawingForm]
  /** Another choice has options of its own. */
  set = (key: string, value: unknown): void => {
    const options = `${key}Options`
    Object.assign(this.form, { [key]: value, ...(options in this.form ? { [options]: {} } : {}) })
    // What is not offered beside it is not asked for any more.
    for (const field of unoffered(this.options?.fields ?? [], this.valueOf)) if (field !== key) this.set(field, undefined)
  }
  /** What a field has where nothing is asked for. */
  usualOf = (key: string): unknown => this.options?.fields.find((field) => field.key === key)?.default
  problems = $derived(fieldProblems(this.fields('advanced'), this.valueOf))
  #known = $derived({
    adapters: new Set(library.drawable.map(({ id }) => id)),
    models: new Set(library.models.flatMap(({ id, embedded }) => (embedded ? [] : id))),
    conditions: this.options?.conditions,
    own: ownKeys(this.options?.fields ?? [], this.valueOf),
  })
  /** Those of the stack that are still there. */
  live = $derived(this.form.stack.filter(({ adapter }) => this.#known.adapters.has(adapter)))
  picture = $derived(this.gallery.find(({ id }) => id === this.shown) ?? this.gallery[0])

  async load(): Promise<void> {
    if (this.#started) return
    this.#started = true
    host.hear('gallery', (news) => {
      this.#news.tell(news)
      this.#hear(news)
    })
    const remembered = settings.current.remembered.generate
    // What was put on the stack before this screen was seen stays there.
    const stacked = this.form.stack
    if (remembered) {
      const { count = 1, keepSeed = false, ...form } = rememberedForm(remembered, { ...freshForm(), count: 1, keepSeed: false })
      Object.assign(this, { count, keepSeed })
      Object.assign(this.form, form)
    } else this.shuffle()
    for (const { adapter, weight } of stacked) this.stack(adapter, weight)
    host.onReturn(() => this.#list(Math.min(500, Math.max(60, this.gallery.length))))
    const before = { ...this.form }
    const options = await this.#ask(this.model)
    if (!remembered && options) this.#fit(options, before)
    else if (stacked.length > 0 && stacked.length === this.form.stack.length) this.#guide('alone')
    this.edits.begin()
    $effect.root(() => {
      // A model that is gone gives way to the embedded one.
      $effect(() => void (this.model !== this.#optionsOf && host.attempt(() => this.#ask(this.model))))
    })
    await this.#list()
  }

  /** What the model can be asked for. */
  async #ask(model: string | undefined): Promise<GenerateOptions | undefined> {
    this.#optionsOf = model
    const options = await this.#newestOptions(host.api.generate.options({ model }))
    if (options) this.options = options
    return options
  }

  /** The size and the guidance that suit the model, unless a person wrote others while they were asked for. */
  #fit({ side, guidance }: GenerateOptions, before: Pick<DrawingForm, 'width' | 'height' | (typeof guidanceKeys)[number]>): void {
    const usual = guidance[this.#drawing]
    if (this.form.width === before.width && this.form.height === before.height) this.form.width = this.form.height = side
    for (const key of guidanceKeys) if (this.form[key] === before[key]) this.form[key] = usual[key]
  }

  get #drawing(): 'alone' | 'stacked' {
    return this.live.length > 0 ? 'stacked' : 'alone'
  }

  /** The guidance that suits the stack as it is now, unless a person chose another; what changes by itself is told. */
  #guide(before: 'alone' | 'stacked'): void {
    const now = guidanceNow(this.form, this.options?.guidance, before, this.#drawing)
    if (!now) return
    this.guided = now
    Object.assign(this.form, now.to)
  }

  #hear({ picture, removed }: GalleryNews): void {
    const at = this.gallery.findIndex(({ id }) => id === picture.id)
    if (!removed && at >= 0) return void (this.gallery = this.gallery.with(at, picture))
    if (removed && at < 0) return
    if (!removed && !this.#passes(picture)) return
    this.total += removed ? -1 : 1
    if (removed && this.shown === picture.id) this.shown = (this.gallery[at + 1] ?? this.gallery[at - 1])?.id
    // One that comes back from the trash has its place by its age.
    const before = this.gallery.findIndex(({ at: made }) => made <= picture.at)
    this.gallery = removed ? this.gallery.toSpliced(at, 1) : this.gallery.toSpliced(before < 0 ? this.gallery.length : before, 0, picture)
    if (!removed && picture.job === this.job) this.shown = picture.id
  }

  #passes({ form, starred }: GalleryPicture): boolean {
    return (starred || !this.starred) && form.prompt.toLowerCase().includes(this.text.toLowerCase())
  }

  /** Shows only pictures of a prompt, or only those with a star. */
  async narrow(to: { text?: string; starred?: boolean }): Promise<void> {
    Object.assign(this, to)
    await host.attempt(() => this.#list())
  }

  /** The list from its beginning, in place of what is shown. */
  async #list(limit = 60): Promise<void> {
    const mine = ++this.#generation
    const [page, since] = await this.#news.ask(() => host.api.gallery.list({ text: this.text, starred: this.starred, limit }))
    // While the answer was on its way more may have been typed.
    if (mine !== this.#generation) return
    this.#generation++
    this.gallery = page.items
    this.total = page.total
    for (const news of since) this.#hear(news)
  }

  async more(): Promise<void> {
    const mine = this.#generation
    const wanted = { text: this.text, starred: this.starred, offset: this.gallery.length, limit: 60 }
    const [page, since] = await this.#news.ask(() => host.api.gallery.list(wanted))
    if (mine !== this.#generation) return
    const known = since.length > 0 ? this.total : page.total
    // One that was drawn meanwhile is here already.
    this.gallery = [...this.gallery, ...page.items.filter(({ id }) => !this.gallery.some((one) => one.id === id))]
    for (const news of since) this.#hear(news)
    // What was told meanwhile was counted when it was told.
    this.total = known
  }

  get request(): GenerateForm {
    return requestFrom($state.snapshot(this.form), this.#known)
  }

  async go(front = false): Promise<void> {
    const waits = this.ready()
    if (waits && !(await waits)) return
    const form = this.request
    // At once: the next press, perhaps before the answer, draws another picture. That is no edit.
    if (!this.keepSeed) this.edits.aside(() => this.shuffle())
    const job = await host.attempt(() => host.api.generate.enqueue({ form, count: this.count, front }))
    if (!job) return
    this.#follow(job)
  }

  /** Shows what a job makes, also where that was here before the answer. */
  #follow({ id }: JobSummary): void {
    this.job = id
    this.shown = this.gallery.find(({ job }) => job === id)?.id ?? this.shown
  }

  async grid(x: GridAxis, y: GridAxis | undefined): Promise<void> {
    const waits = this.ready()
    if (waits && !(await waits)) return
    const job = await host.attempt(() => host.api.generate.grid({ form: this.request, x, ...(y ? { y } : {}) }))
    if (job) this.#follow(job)
  }

  async star({ id: picture, starred }: GalleryPicture): Promise<void> {
    await host.attempt(() => host.api.gallery.star({ picture, starred: !starred }))
  }

  /** To the trash, with a way back. */
  remove = ({ id }: GalleryPicture): Promise<void> => removePicture(id, this.edits, this.timeline)

  /** Another base model, with the size and the guidance that suit it. */
  async choose(model: string | undefined): Promise<void> {
    this.form.model = model
    const before = { ...this.form }
    const options = await host.attempt(() => this.#ask(model))
    if (options && model === this.form.model) this.#fit(options, before)
  }

  /** Thrown here: a seed that came from the host might come after one that was typed, or after the next picture was asked for. */
  shuffle(): void {
    this.form.seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0
  }

  /** As strong as its owner or its maker prefers, unless it is said. */
  stack(adapter: string, weight = library.drawable.find(({ id }) => id === adapter)?.weight ?? 1): void {
    if (this.form.stack.some((entry) => entry.adapter === adapter)) return
    const before = this.#drawing
    this.form.stack.push({ adapter, weight, enabled: true })
    this.#guide(before)
  }

  unstack(adapter: string): void {
    const before = this.#drawing
    this.form.stack = this.form.stack.filter((entry) => entry.adapter !== adapter)
    if (this.form.solo === adapter) this.form.solo = undefined
    this.#guide(before)
  }

  /** Puts words into the prompt that are not in it. */
  say(words: string): void {
    if (this.form.prompt.includes(words)) return
    this.form.prompt = this.form.prompt.trim() ? `${words}, ${this.form.prompt}` : words
  }

  /** Only this one sounds, whatever is muted; done again, each as it is muted or not. */
  solo(adapter: string): void {
    this.form.solo = this.form.solo === adapter ? undefined : adapter
  }

  /** To another place in the stack, within its ends. */
  move(index: number, by: number): void {
    const [entry] = this.form.stack.splice(index, 1)
    if (entry) this.form.stack.splice(Math.max(0, index + by), 0, entry)
  }

  async recall(from: { drop: string } | { picture: string }): Promise<void> {
    const recalled = await host.attempt(() => this.#newestRecall(host.api.generate.recall(from)))
    if (!recalled) return
    this.edits.settle()
    const { model, ...form } = recalled.form
    const own = library.models.find(({ id, embedded }) => id === model && !embedded)
    const drawFrom = modeOf(form.conditions ?? {}, this.options?.conditions ?? [])
    Object.assign(this.form, { ...unwritten, ...emptied(), ...form, drawFrom, model: own?.id })
    this.keepSeed = true
    const missing = recalled.missing.map(({ name }) => name).join(', ')
    host.tell({ text: missing ? t('generate.missing', { names: missing }) : t('generate.recalled') })
  }
}

export const generate = new Generate()
