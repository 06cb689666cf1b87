// A form that a person edits: what was changed together is one step that can be taken back, and the form outlives the page.
import { untrack } from 'svelte'
import type { Timeline } from './timeline.ts'

export interface EditedForm<Form> {
  readonly timeline: Timeline
  readonly read: () => Form
  readonly write: (form: Form) => void
  /** Where it is written down. */
  readonly keep: (text: string) => void
}

const together = 500

export class Edits<Form> {
  readonly #form: EditedForm<Form>
  #before = $state.raw<string>()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(form: EditedForm<Form>) {
    this.#form = form
  }

  /** From now on: what is in the form is what it began with. */
  begin(): void {
    this.#before = this.#written()
    $effect.root(() => {
      $effect(() => {
        if (this.#written() === this.#before) return
        untrack(() => clearTimeout(this.#timer))
        this.#timer = setTimeout(() => this.settle(), together)
      })
    })
    document.addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && this.settle())
  }

  /** What was changed up to now is a step. */
  settle(): void {
    clearTimeout(this.#timer)
    const [before, now] = [this.#before, this.#written()]
    if (before === undefined || now === before) return
    this.#take(now)
    this.#form.timeline.did({ back: () => this.#put(before), again: () => this.#put(now) })
  }

  /** Changes the form without a step. */
  aside(change: () => void): void {
    this.settle()
    change()
    if (this.#before !== undefined) this.#take(this.#written())
  }

  /** What was changed just now counts before it is a step. */
  canUndo = $derived.by(() => this.#form.timeline.canUndo || (this.#before !== undefined && this.#before !== this.#written()))
  canRedo = $derived.by(() => this.#form.timeline.canRedo)

  undo(): boolean {
    this.settle()
    return this.#form.timeline.undo()
  }
  redo(): boolean {
    this.settle()
    return this.#form.timeline.redo()
  }

  #written(): string {
    return JSON.stringify(this.#form.read())
  }
  #put(text: string): void {
    this.#form.write(JSON.parse(text) as Form)
    this.#take(this.#written())
  }
  #take(now: string): void {
    this.#before = now
    this.#form.keep(now)
  }
}
