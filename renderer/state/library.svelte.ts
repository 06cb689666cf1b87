// Adapters and models: what can be stacked, and on what.
import type { AdapterCard } from '../../main/api/methods/library.ts'
import type { ModelCard } from '../../main/api/methods/models.ts'
import { reviveError } from '../../main/api/revive-error.ts'
import { t } from '../words/words.svelte.ts'
import { arrived, type Coming, type Source } from './dropped-files.ts'
import { host } from './host.svelte.ts'
import { latest } from './overtaken.ts'
import { router } from './router.svelte.ts'

class Library {
  #all = $state.raw<readonly AdapterCard[]>([])
  adapters = $derived(this.#all.filter(({ paused }) => paused === undefined))
  /** What paused runs have learnt until then, the newest first. */
  paused = $derived(
    this.#all.flatMap((card) => {
      const { paused: step, title: name } = card
      return step === undefined ? [] : [{ ...card, title: t('generate.stack.paused', { name, step }) }]
    }),
  )
  /** All that can stand in a stack. */
  drawable = $derived<readonly AdapterCard[]>([...this.paused, ...this.adapters])
  models = $state<readonly ModelCard[]>([])
  readonly #newestModels = latest()
  #news = 0

  async load(): Promise<void> {
    host.hear('library', ({ adapter, removed }) => {
      this.#news++
      const at = this.#all.findIndex(({ id }) => id === adapter.id)
      if (removed) this.#all = this.#all.filter(({ id }) => id !== adapter.id)
      else this.#all = at < 0 ? [adapter, ...this.#all] : this.#all.with(at, adapter)
    })
    host.hear('models', () => void host.attempt(() => this.#models()))
    const list = async (): Promise<void> => {
      await this.refresh()
      await this.#models()
    }
    host.onReturn(list)
    await list()
  }

  async refresh(): Promise<void> {
    for (let before = -1; before !== this.#news;) {
      before = this.#news
      // One that was on its way while news came may not know of them.
      const adapters = await host.api.library.list()
      if (before === this.#news) this.#all = adapters
    }
  }

  async #models(): Promise<void> {
    this.models = (await this.#newestModels(host.api.models.list())) ?? this.models
  }

  /** Gives those that came in; of several, those that did not are told. Throws when there was but one and it did not. */
  async import(from: Coming | Source): Promise<readonly AdapterCard[]> {
    const done = await host.long(t('adapters.coming'), t('app.stop'), async ({ progress }) =>
      host.api.library.import({ from: 'drop' in from ? from : await arrived(from, progress) }),
    )
    const { added, refused, twins } = done ?? { added: [], refused: [], twins: [] }
    for (const { error } of refused) host.fail(reviveError(error))
    for (const { adapter, of } of twins)
      this.#tellTwin(
        added.find(({ id }) => id === adapter),
        of[0],
      )
    return added
  }

  /** Both are kept, unless a person goes on with the one that was there: the new one goes to the trash then. */
  #tellTwin(added: AdapterCard | undefined, first: AdapterCard | undefined): void {
    if (!added || !first) return
    const text = t('adapters.twin', { name: added.title, other: first.name })
    const useFirst = async (): Promise<void> => {
      await this.remove([added])
      router.go('adapters', first.id)
    }
    host.tell({ text, stays: true, action: { label: t('adapters.twin.use', { name: first.name }), run: () => void useFirst() } })
  }

  /** To the trash, with a way back. */
  async remove(cards: readonly AdapterCard[]): Promise<void> {
    const gone = await host.attempt(() => host.api.library.remove({ adapters: cards.map(({ id }) => id) }))
    if (!gone) return
    const back = () => void host.attempt(() => host.api.library.restore({ undo: gone.undo }))
    const [only] = cards
    const text =
      cards.length === 1 ? t('adapters.removed', { name: only?.title ?? '' }) : t('adapters.removed.several', { n: cards.length })
    host.tell({ text, action: { label: t('app.undo'), run: back } })
  }
}

export const library = new Library()
