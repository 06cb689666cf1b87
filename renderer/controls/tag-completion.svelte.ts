// While a tag is being written: those that begin like it, and the one that the keys are at.
import { tagAtCaret } from './tag-at-caret.ts'

export interface TagOffer {
  readonly tag: string
  /** How often it occurs. */
  readonly count: number
}
/** Tags that begin so, the likeliest first. */
export type FindTags = (begun: string) => Promise<readonly TagOffer[]>

export class TagCompletion {
  readonly #find: FindTags
  offers = $state.raw<readonly TagOffer[]>([])
  /** −1: the keys are in the text. */
  at = $state(-1)
  open = $derived(this.offers.length > 0)
  #asked = 0

  constructor(find: FindTags) {
    this.#find = find
  }

  async offer(text: string, caret: number): Promise<void> {
    const mine = ++this.#asked
    const { begun } = tagAtCaret(text, caret)
    const found = begun === '' ? [] : await this.#find(begun)
    if (mine !== this.#asked) return
    const present = new Set(text.split(',').map((tag) => tag.trim().toLowerCase()))
    // One that the keys are at already is still meant, whatever comes late.
    const chosen = this.offers[this.at]?.tag
    this.offers = found.filter(({ tag }) => !present.has(tag.toLowerCase()))
    this.at = this.offers.findIndex(({ tag }) => tag === chosen)
  }

  shut(): void {
    this.#asked++
    this.offers = []
    this.at = -1
  }

  /** Keys that belong to the list while it is open; those of an input method never do. */
  key(event: KeyboardEvent, take: (tag: string) => void): void {
    if (!this.open || event.isComposing) return
    const chosen = this.offers[this.at]
    const count = this.offers.length
    if (event.key === 'ArrowDown') this.at = this.at + 1 < count ? this.at + 1 : 0
    else if (event.key === 'ArrowUp') this.at = this.at > 0 ? this.at - 1 : count - 1
    else if (event.key === 'Escape') this.shut()
    else if ((event.key === 'Enter' || event.key === 'Tab') && chosen) take(chosen.tag)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
}
