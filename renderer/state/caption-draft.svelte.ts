// A caption while it is written: saved within a second, whatever is looked at meanwhile.
import { untrack } from 'svelte'
import type { DatasetItem } from '../../main/api/methods/datasets.ts'
import { datasets } from './datasets.svelte.ts'

const soon = 600

export class CaptionDraft {
  text = $state('')
  readonly #dataset: string
  /** The picture whose caption is the text as it was taken or saved last: what is written later answers to this version. */
  #item = $state.raw<DatasetItem>() as DatasetItem
  #kept = $state('')
  /** Since the field was entered it was saved once: what follows is undone together with that. */
  #continues = false
  #timer: ReturnType<typeof setTimeout> | undefined
  #saving: Promise<unknown> = Promise.resolve()

  constructor(dataset: string, item: DatasetItem) {
    this.#dataset = dataset
    this.#take(item)
  }

  get dirty(): boolean {
    return this.text !== this.#kept
  }

  #take(item: DatasetItem): void {
    this.#item = item
    this.text = this.#kept = item.caption
  }

  /** News of the picture; while something of one's own is in the field they wait. */
  hear(item: DatasetItem): void {
    if (this.dirty) return
    if (item.caption === this.#item.caption) this.#item = item
    else this.#take(item)
  }

  /** Something was typed. */
  later(): void {
    this.#timer ??= setTimeout(() => void this.save(), soon)
  }

  /** The field was left. */
  async leave(): Promise<void> {
    await this.save()
    this.#continues = false
    // As it lies in the file, e.g. without the blank at its end.
    if (!this.dirty) this.#take(this.#item)
  }

  /** One after another: what is written while a caption is on its way answers to the version that it becomes. False where it failed. */
  save(): Promise<boolean> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const done = this.#saving.then(() => this.#write())
    this.#saving = done
    return done
  }

  /** The page may be going: what is on its way is not waited for. */
  farewell(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    void this.#write()
  }

  async #write(): Promise<boolean> {
    if (!this.dirty) return true
    const { text } = this
    const saved = await datasets.setCaption(this.#dataset, this.#item, text, this.#continues)
    if (!saved) return false
    this.#continues = true
    this.#item = saved
    this.#kept = text
    return true
  }
}

const drafts = new Map<string, CaptionDraft>()

/** What is written of a picture. One that could not be saved yet is there again when the picture is. */
export function draftOf(dataset: string, item: DatasetItem): CaptionDraft {
  const name = `${dataset}/${item.id}`
  return untrack(() => {
    for (const [other, draft] of drafts) if (other !== name && !draft.dirty) drafts.delete(other)
    const draft = drafts.get(name) ?? new CaptionDraft(dataset, item)
    drafts.set(name, draft)
    return draft
  })
}
