// The form of a training run, what it will take, and the runs.
import type { Forecast, RunDetails, RunSummary, TrainingForm, TrainingOptions } from '../../main/api/methods/training.ts'
import { host } from './host.svelte.ts'
import { jobs } from './jobs.svelte.ts'
import { router } from './router.svelte.ts'

class Train {
  options = $state<TrainingOptions>()
  name = $state('')
  dataset = $state('')
  model = $state<string>()
  preset = $state<'quick' | 'balanced' | 'thorough'>('balanced')
  /** Only what differs from the preset. */
  values = $state<Record<string, unknown>>({})
  prompts = $state('')
  every = $state(0)
  continueFrom = $state<string>()
  forecast = $state<Forecast>()
  runs = $state<readonly RunSummary[]>([])
  run = $state<RunDetails>()
  other = $state<RunDetails>()

  defaults = $derived({
    ...Object.fromEntries((this.options?.fields ?? []).map(({ key, default: value }) => [key, value])),
    ...this.options?.presets.find(({ name }) => name === this.preset)?.values,
  } as Record<string, unknown>)
  form = $derived<TrainingForm>({
    ...(Object.fromEntries(Object.entries({ ...this.defaults, ...this.values }).filter(([, value]) => value !== undefined)) as Omit<
      TrainingForm,
      'name' | 'dataset'
    >),
    name: this.name || 'style',
    dataset: this.dataset,
    ...(this.model ? { model: this.model } : {}),
    ...(this.continueFrom ? { continueFrom: this.continueFrom } : {}),
    samples: {
      prompts: this.prompts
        .split('\n')
        .map((line) => line.trim())
        .filter(Boolean)
        .slice(0, 8),
      every: this.every,
    },
  })

  async load(): Promise<void> {
    this.options ??= await host.api.training.options()
    this.runs = await host.api.training.runs()
  }

  async show(id: string): Promise<void> {
    const run = await host.attempt(() => host.api.training.run({ run: id }))
    if (!run) return
    this.run = run
    jobs.follow(id, run.curve, run.samples)
  }

  async compareWith(id: string): Promise<void> {
    this.other = id ? await host.attempt(() => host.api.training.run({ run: id })) : undefined
  }

  /** Asks what the form would take; silent while the form is not whole. */
  async ask(): Promise<void> {
    if (!this.dataset) return
    this.forecast = await host.attempt(() => host.api.training.forecast($state.snapshot(this.form) as TrainingForm))
  }

  async start(): Promise<void> {
    const job = await host.attempt(() => host.api.training.start($state.snapshot(this.form) as TrainingForm))
    if (!job) return
    this.continueFrom = undefined
    this.runs = await host.api.training.runs()
    router.go('train', job.id)
  }
}

export const train = new Train()
