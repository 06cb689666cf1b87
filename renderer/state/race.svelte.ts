// Races: who takes part in the next one, and what one came to.
import type { RaceDetails, RaceEntrant } from '../../main/api/methods/race.ts'
import { host } from './host.svelte.ts'
import { latest } from './overtaken.ts'
import { router } from './router.svelte.ts'
import { train } from './train.svelte.ts'

class Race {
  entrants = $state<readonly RaceEntrant[]>([])
  /** Undefined: the usual ones. */
  picked = $state<readonly string[]>()
  equal = $state<'steps' | 'time'>('steps')
  steps = $state(125)
  seconds = $state(120)
  shown = $state<RaceDetails>()
  #starting = false
  readonly #newest = latest()

  chosen = $derived(this.picked ?? this.entrants.flatMap(({ name, usual }) => (usual ? name : [])))

  async load(): Promise<void> {
    this.entrants = await host.api.training.entrants()
  }

  toggle(name: string): void {
    this.picked = this.chosen.includes(name) ? this.chosen.filter((one) => one !== name) : [...this.chosen, name]
  }

  /** On the pictures and the model of the form, and goes to it. */
  async start(name: string): Promise<boolean> {
    if (this.#starting) return false
    this.#starting = true
    const { equal, steps, seconds } = this
    const form = { name, dataset: train.dataset, ...(train.base ? { model: train.base } : {}), methods: [...this.chosen], equal, steps, seconds } // prettier-ignore
    const job = await host.attempt(() => host.api.training.race(form))
    this.#starting = false
    if (job) router.go('train', `race:${job.id}`)
    return job !== undefined
  }

  async show(job: string): Promise<void> {
    this.shown = (await host.attempt(() => this.#newest(host.api.training.raced({ job })))) ?? this.shown
  }
}

export const race = new Race()
