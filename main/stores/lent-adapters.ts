// What paused runs have learnt until then. It is not the library's: it can be drawn with, and no more.
import { join } from 'node:path'
import type { AdapterCard } from '../api/methods/library.ts'
import { cardOf, titleOf } from './adapter-cards.ts'
import type { LibraryEntry } from './adapter-entry.ts'
import type { MediaNames } from './media.ts'

export interface LentAdapter {
  readonly entry: LibraryEntry
  /** Which the run has made. */
  readonly step: number
}

export class LentAdapters {
  readonly #media: MediaNames
  readonly #lent = new Map<string, LentAdapter>()

  constructor(media: MediaNames) {
    this.#media = media
  }

  get(id: string): LentAdapter | undefined {
    return this.#lent.get(id)
  }
  cards(): AdapterCard[] {
    return [...this.#lent.values()].map((one) => this.#cardOf(one))
  }

  /** In place of what was lent by this name before. */
  lend(lent: LentAdapter): AdapterCard {
    this.#lent.set(lent.entry.id, lent)
    return this.#cardOf(lent)
  }
  takeBack(id: string): AdapterCard | undefined {
    const lent = this.#lent.get(id)
    this.#lent.delete(id)
    return lent && this.#cardOf(lent)
  }

  #cardOf(lent: LentAdapter): AdapterCard {
    const parts = { name: lentName(lent), path: lentFile(lent), media: this.#media, usage: undefined }
    return { ...cardOf(lent.entry, parts), folder: '', watched: false, paused: lent.step }
  }
}

/** A run at a step, as pictures and their settings have it. */
export const lentName = ({ entry, step }: LentAdapter): string => `${titleOf(entry)} · ${step}`
export const lentFile = ({ entry: { root, file } }: LentAdapter): string => join(root, file)
