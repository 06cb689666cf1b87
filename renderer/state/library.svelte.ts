// Adapters and models: what can be stacked, and on what.
import type { AdapterCard } from '../../main/api/methods/library.ts'
import type { ModelCard } from '../../main/api/methods/models.ts'
import { reviveError } from '../../main/api/revive-error.ts'
import { t } from '../words/words.svelte.ts'
import { arrived, type Coming, type Source } from './dropped-files.ts'
import { host } from './host.svelte.ts'
import { latest } from './overtaken.ts'

class Library {
  adapters = $state<readonly AdapterCard[]>([])
  models = $state<readonly ModelCard[]>([])
  readonly #newestModels = latest()

  async load(): Promise<void> {
    let news = 0
    host.hear('library', ({ adapter, removed }) => {
      news++
      const others = this.adapters.filter(({ id }) => id !== adapter.id)
      this.adapters = removed ? others : [adapter, ...others]
    })
    host.hear('models', () => void host.attempt(() => this.#models()))
    const list = async (): Promise<void> => {
      for (let before = -1; before !== news;) {
        before = news
        // One that was on its way while news came may not know of them.
        const adapters = await host.api.library.list()
        if (before === news) this.adapters = adapters
      }
      await this.#models()
    }
    host.onReturn(list)
    await list()
  }

  async #models(): Promise<void> {
    this.models = (await this.#newestModels(host.api.models.list())) ?? this.models
  }

  /** Gives those that came in; of several, those that did not are told. Throws when there was but one and it did not. */
  async import(from: Coming | Source): Promise<readonly AdapterCard[]> {
    const done = await host.long(t('adapters.coming'), t('app.stop'), async ({ progress }) =>
      host.api.library.import({ from: 'drop' in from ? from : await arrived(from, progress) }),
    )
    const { added, refused } = done ?? { added: [], refused: [] }
    for (const { error } of refused) host.fail(reviveError(error))
    return added
  }

  /** To the trash, with a way back. */
  async remove({ id, title }: AdapterCard): Promise<void> {
    const gone = await host.attempt(() => host.api.library.remove({ adapters: [id] }))
    if (!gone) return
    const back = () => void host.attempt(() => host.api.library.restore({ undo: gone.undo }))
    host.tell({ text: t('adapters.removed', { name: title }), action: { label: t('app.undo'), run: back } })
  }
}

export const library = new Library()
