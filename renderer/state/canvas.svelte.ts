// The canvas of Generate: what is drawn from, the start picture, and whether that or the result is looked at.
import type { InputPicture } from '../../main/api/methods/generate.ts'
import type { InputOf } from '../../main/api/calls.ts'
import type { Commands } from '../../main/commands/index.ts'
import { pictureCards, type DrawMode } from './draw-from.ts'
import { generate } from './generate.svelte.ts'
import { host } from './host.svelte.ts'
import { latest } from './overtaken.ts'

/** Where a picture comes from that is kept to draw from. */
export type From = InputOf<Commands['generate.keepPicture']>

class Canvas {
  looking = $state<'start' | 'result'>('start')
  #seen = $state.raw<InputPicture & { readonly path: string }>()
  /** The start picture as it is shown, once it was looked at. */
  start = $derived.by(() => (this.#seen?.path === this.path ? this.#seen : undefined))
  cards = $derived(pictureCards(generate.options?.conditions ?? []))
  readonly #newest = latest()

  get mode(): DrawMode {
    return generate.form.drawFrom
  }
  /** Another tab: what it begins with is looked at. */
  open(mode: DrawMode): void {
    generate.form.drawFrom = mode
    this.looking = 'start'
  }
  /** Whether the result is on the canvas. */
  result = $derived.by(() => this.mode === 'text' || this.looking === 'result')

  #given = (key: string | undefined): string | undefined => {
    const value = key === undefined ? undefined : generate.form.conditions[key]
    return typeof value === 'string' ? value : undefined
  }
  path = $derived.by(() => this.#given(this.cards.start?.by))
  mask = $derived.by(() => this.#given(this.cards.mask?.by))

  #put(changes: Readonly<Record<string, string | undefined>>): void {
    const all = Object.entries({ ...generate.form.conditions, ...changes })
    generate.form.conditions = Object.fromEntries(all.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])))
  }
  setMask(path: string | undefined): void {
    if (this.cards.mask) this.#put({ [this.cards.mask.by]: path })
  }
  setStart(path: string | undefined): void {
    if (this.cards.start) this.#put({ [this.cards.start.by]: path })
  }
  async takeMask(from: From): Promise<void> {
    const kept = await host.attempt(() => host.api.generate.keepPicture(from))
    if (kept) this.setMask(kept.path)
  }

  /** Begins with a picture: a mask that was made for one of another size does not fit it. */
  async begin(from: From): Promise<void> {
    const { start, mask } = this.cards
    const kept = await host.attempt(() => host.api.generate.keepPicture(from))
    if (!kept || !start) return
    const found = await host.attempt(() => host.api.generate.inputPicture(kept))
    if (!found) return
    const same = this.start?.width === found.width && this.start.height === found.height
    this.#seen = { ...found, ...kept }
    this.#put({ [start.by]: kept.path, ...(mask && !same ? { [mask.by]: undefined } : {}) })
    if (this.mode === 'text') this.open('image')
    this.looking = 'start'
  }
  /** Files of this page's machine, the first of which is a picture. */
  async beginWithFiles(files: FileList | readonly File[]): Promise<void> {
    const drop = await host.attempt(() =>
      host.api.drop(Array.from(files, (blob) => ({ path: blob.name || 'picture.png', blob })).slice(0, 1)),
    )
    if (drop !== undefined) await this.begin({ drop })
  }

  /** Looks at the start picture that the form names. */
  async look(path: string | undefined): Promise<void> {
    if (path === undefined || path === this.#seen?.path) return
    const found = await host.attempt(() => this.#newest(host.api.generate.inputPicture({ path })))
    if (found) this.#seen = { ...found, path }
  }
}

export const canvas = new Canvas()
