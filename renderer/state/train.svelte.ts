// The form of a training run, what it will take, and the runs.
import type { Forecast, RunDetails, RunSummary, TrainingForm, TrainingOptions } from '../../main/api/methods/training.ts'
import type { DatasetSummary } from '../../main/api/methods/datasets.ts'
import type { JobSummary } from '../../main/api/methods/jobs.ts'
import { errorRecord } from '../../engine/requests/error.ts'
import { rangeWords } from '../words/takes.ts'
import { t } from '../words/words.svelte.ts'
import { datasets } from './datasets.svelte.ts'
import { Edits } from './edits.svelte.ts'
import { fieldProblems, ownGiven, problem, sharingProblems, type FormProblem } from './form-problems.ts'
import { host } from './host.svelte.ts'
import { jobs } from './jobs.svelte.ts'
import { library } from './library.svelte.ts'
import { latest } from './overtaken.ts'
import { ownPresets, type Start } from './own-presets.svelte.ts'
import { lengthBy } from './run-length.ts'
import { router } from './router.svelte.ts'
import { settings } from './settings.svelte.ts'
import { Timeline } from './timeline.ts'
import { lean, setProblems, type AllSets, type FurtherSet } from './training-sets.ts'
import { besidePresets, tied } from './tied-values.ts'
import { rememberedTraining } from './training-draft.ts'
import { usualValues } from '../../engine/requests/usual-values.ts'

/** As the host's schema of samples has them. */
const [mostPrompts, longestPrompt] = [8, 2000]

class Train {
  options = $state<TrainingOptions>()
  name = $state('')
  dataset = $state('')
  model = $state<string>()
  preset = $state<string>('balanced')
  /** Only what differs from the preset. */
  values = $state<Record<string, unknown>>({})
  /** Sets of pictures beside the first. */
  further = $state.raw<readonly FurtherSet[]>([])
  /** Undefined: what the pictures suggest. */
  prompts = $state<string>()
  every = $state<number>()
  /** Whether it is measured what is forgotten; undefined: with the embedded model alone. */
  forgetting = $state<boolean>()
  suggested = $state('')
  /** The finished run that this one takes up. */
  continued = $state<{ readonly id: string; readonly name: string }>()
  forecast = $state<Forecast>()
  runs = $state<readonly RunSummary[]>([])
  loaded = $state(false)
  run = $state<RunDetails>()
  other = $state<RunDetails>()
  /** The set that the address asked for: it is taken once, and then a person may choose another. */
  taken = ''
  /** A name that nobody wrote. */
  given = ''
  #starting = false
  #hears = false
  #suggestion = Promise.resolve()
  readonly #newest = { runs: latest(), run: latest(), other: latest(), forecast: latest() }

  readonly #edits = new Edits({
    timeline: new Timeline(),
    read: () => {
      const { name, given, dataset, preset, further, model, prompts, every, taken } = this
      return { name, given, dataset, preset, values: $state.snapshot(this.values), further, model, prompts, every, taken }
    },
    write: (draft) => Object.assign(this, draft),
    keep: (text) => settings.remember('train', text),
  })
  /** The chosen model where it is still there; undefined: the embedded one. */
  base = $derived(library.models.find(({ id, embedded }) => id === this.model && !embedded)?.id)

  /** What presets go by: `embedded`, or the family of the model. */
  family = $derived(this.base === undefined ? 'embedded' : (library.models.find(({ id }) => id === this.base)?.family ?? ''))
  /** Those of the model that is trained on. */
  presets = $derived(this.options?.presets[this.family] ?? [])
  /** All that the form may begin with, those that a person made among them. */
  starts = $derived<readonly Start[]>([...this.presets, ...ownPresets.starts])
  defaults = $derived(this.#usual(this.values))
  /** Six looks at a run; a short one is not held up by more looks than steps. */
  usualEvery = $derived(Math.max(4, Math.round(this.#steps / 6)))
  /** Of epochs and minutes as many as are foreseen. */
  get #steps(): number {
    return Number((lengthBy(this.valueOf) === 'steps' ? undefined : this.forecast?.steps) ?? this.valueOf('steps') ?? 0)
  }
  get #start(): Start | undefined {
    return this.starts.find(({ name }) => name === this.preset) ?? this.presets.find(({ name }) => name === 'balanced')
  }
  #usual(values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    const fields = this.options?.fields ?? []
    return tied(fields, usualValues(fields, this.#start?.values, values), values)
  }
  /** Whether a field goes with the one that it follows: nobody has set it apart. */
  follows = (key: string): boolean => !(key in this.values)
  /** Sets a field apart, with what it has now, or lets it follow again. */
  tie = (key: string, on: boolean): void => {
    const { [key]: _own, ...others } = this.values
    this.values = on ? others : { ...this.values, [key]: this.valueOf(key) }
  }
  /** Another preset, in place of what was changed of what presets say. */
  begin(preset: string): void {
    this.preset = preset
    this.values = besidePresets($state.snapshot(this.values), this.starts)
  }
  /** What the form has now, but for what belongs to its pictures: as a preset. */
  presetValues(): Record<string, unknown> {
    const fields = this.options?.fields ?? []
    const keys = new Set(fields.flatMap(({ key }) => [key, `${key}Options`]))
    const following = fields.flatMap(({ key, offer }) => (offer ? [[key, this.defaults[key]] as const] : []))
    const given = Object.entries({ ...this.#start?.values, ...Object.fromEntries(following), ...$state.snapshot(this.values) })
    return Object.fromEntries(given.filter(([key, value]) => keys.has(key) && key !== 'trigger' && value !== undefined))
  }
  /** What is asked for by each field now. */
  valueOf = (key: string): unknown => (key in this.values ? this.values[key] : this.defaults[key])
  lines = $derived(
    (this.prompts ?? this.suggested)
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean),
  )
  /** Why it cannot start, field by field. */
  problems = $derived.by((): readonly FormProblem[] => {
    const found = fieldProblems(this.options?.fields ?? [], this.valueOf)
    if (this.dataset && this.name.trim() === '') found.unshift(problem('name', t('range.needed'), t('train.name')))
    if (found.every(({ key }) => key !== 'rank' && key !== 'members')) found.push(...sharingProblems(this.valueOf))
    if (this.lines.length > mostPrompts) found.push(problem('prompts', t('range.lines', { n: mostPrompts }), t('train.samples')))
    else if (this.lines.some((line) => line.length > longestPrompt))
      found.push(problem('prompts', t('range.letters', { max: longestPrompt }), t('train.samples')))
    found.push(...setProblems(this.further, this.options?.setFields ?? [], datasets.nameOf))
    const every = this.every ?? this.usualEvery
    if (!Number.isSafeInteger(every) || every < 0)
      found.push(problem('every', rangeWords({ kind: 'integer', min: 0 }, every), t('train.samples.every')))
    return found
  })
  form = $derived<TrainingForm>({
    ...(Object.fromEntries(
      Object.entries({ ...this.defaults, ...this.values }).filter(([key, value]) => value !== undefined && key in this.defaults),
    ) as Omit<TrainingForm, 'name' | 'dataset'>),
    ...ownGiven(this.options?.fields ?? [], this.valueOf),
    name: this.name.trim(),
    dataset: this.dataset,
    ...(this.further.length > 0 ? { sets: [...this.further] } : {}),
    ...(this.base ? { model: this.base } : {}),
    ...(this.continued ? { continueFrom: this.continued.id } : {}),
    samples: {
      prompts: this.lines,
      every: this.every ?? this.usualEvery,
      ...(this.forgetting === undefined ? {} : { forgetting: this.forgetting }),
    },
  })

  /** What was in the form when the page went. */
  restore(): void {
    Object.assign(this, rememberedTraining(settings.current.remembered.train ?? ''))
    this.#edits.begin()
  }

  async load(): Promise<void> {
    if (!this.#hears) {
      this.#hears = true
      host.onReturn(() => this.list())
      host.hear('jobs', ({ job, removed }) => this.#hear(job, removed))
    }
    const [options] = await Promise.all([this.options ?? host.api.training.options(), ownPresets.load()])
    this.options = options
    await this.list()
    this.loaded = true
  }

  async list(): Promise<void> {
    this.runs = (await this.#newest.runs(host.api.training.runs())) ?? this.runs
  }

  /** Runs begin and go elsewhere too: in another window, in the terminal, from the list of jobs. */
  #hear({ id, kind }: JobSummary, removed = false): void {
    if (kind !== 'train') return
    if (!removed) {
      if (!this.runs.some((run) => run.id === id)) void host.attempt(() => this.list())
      return
    }
    this.runs = this.runs.filter((run) => run.id !== id)
    if (this.run?.id === id) this.run = undefined
    if (this.other?.id === id) this.other = undefined
  }

  /** Pictures to train on; a name that nobody wrote is theirs. */
  choose(dataset: string): void {
    if (['', this.given, datasets.nameOf(this.dataset)].includes(this.name)) this.name = this.given = datasets.nameOf(dataset)
    this.dataset = dataset
  }

  /** All sets as they are to be seen; another first one brings its name. */
  arrange({ dataset, repeats, further }: AllSets): void {
    this.choose(dataset)
    this.values = { ...this.values, repeats }
    this.further = further
  }
  get sets(): AllSets {
    return { dataset: this.dataset, repeats: Number(this.valueOf('repeats') ?? 1), further: this.further }
  }
  /** Further sets as a run or a recipe has them, of those that are there. */
  takeSets(sets: readonly FurtherSet[] = []): void {
    this.further = sets.flatMap((set) => (datasets.nameOf(set.folder) ? lean(set, this.options?.setFields ?? []) : []))
  }

  /** A set that was meant to be trained on comes with its name. */
  arrive({ id, name }: DatasetSummary): void {
    if (this.taken === id) return
    this.name = this.given = name
    this.dataset = this.taken = id
  }

  /** Prompts for the samples, from the captions of the chosen pictures. */
  suggest(): Promise<void> {
    return (this.#suggestion = this.#suggest())
  }

  async #suggest(): Promise<void> {
    const dataset = this.dataset
    const found = await host.attempt(() => host.api.datasets.items({ dataset, offset: 0, limit: 500 }))
    if (!found || dataset !== this.dataset) return
    const captions = [...new Set(found.items.map(({ caption }) => caption.trim()).filter(Boolean))]
    // A large model takes its time for a picture: one will do.
    const many = (library.models.find(({ id, embedded }) => (this.base ? id === this.base : embedded))?.side ?? 64) > 256 ? 1 : 4
    this.suggested = Array.from(
      { length: Math.min(many, captions.length) },
      (_, n) => captions[Math.floor(((n + 0.5) * captions.length) / many)],
    )
      .filter(Boolean)
      .join('\n')
  }

  async show(id: string): Promise<void> {
    try {
      this.run = (await this.#newest.run(jobs.follow(id, () => host.api.training.run({ run: id })))) ?? this.run
    } catch (error) {
      // An address may be from before that run was cleared away.
      if (errorRecord(error).code !== 'job-unknown') host.fail(error)
      else if (router.screen === 'train' && router.argument === id) router.go('train')
    }
  }

  async compareWith(id: string): Promise<void> {
    const asked = id ? host.api.training.run({ run: id }) : Promise.resolve(null)
    const run = await host.attempt(() => this.#newest.other(asked))
    if (run !== undefined) this.other = run ?? undefined
  }

  /** Asks what the form would take; silent while the form is not whole. */
  async ask(): Promise<void> {
    if (!this.dataset || this.problems.length > 0) return
    const form = $state.snapshot(this.form) as TrainingForm
    this.forecast = (await host.attempt(() => this.#newest.forecast(host.api.training.forecast(form)))) ?? this.forecast
  }

  /** Fills the form with what a finished run was made with, to go on from where it ended. */
  take(run: RunDetails): void {
    this.duplicate(run)
    this.continued = { id: run.id, name: run.name }
  }

  /** Fills the form with what a run was made with. */
  duplicate({ name, form }: RunDetails): void {
    const keys = new Set((this.options?.fields ?? []).flatMap(({ key }) => [key, `${key}Options`]))
    const { samples, ...values } = form
    const usual = this.#usual(values)
    this.values = Object.fromEntries(Object.entries(values).filter(([key, value]) => keys.has(key) && value !== usual[key]))
    this.name = name
    this.model = form.model
    if (datasets.nameOf(form.dataset)) this.dataset = form.dataset
    this.takeSets(form.sets)
    this.prompts = samples?.prompts?.join('\n')
    this.every = samples?.every
    this.forgetting = samples?.forgetting
    this.continued = undefined
  }

  async start(): Promise<void> {
    // A second press before the answer is no second run.
    if (this.#starting || this.problems.length > 0) return
    this.#starting = true
    const from = router.screen
    // Those of the pictures chosen before would be another style's.
    await this.#suggestion
    const job = await host.attempt(() => host.api.training.start($state.snapshot(this.form) as TrainingForm))
    this.#starting = false
    if (!job) return
    this.continued = undefined
    await host.attempt(() => this.list())
    // A person who went on meanwhile is not called back.
    if (router.screen === from) router.go('train', job.id)
  }
}

export const train = new Train()
