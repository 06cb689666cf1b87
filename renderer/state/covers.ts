// A picture of the gallery becomes the cover of an adapter.
import type { AdapterCard } from '../../main/api/methods/library.ts'
import { t } from '../words/words.svelte.ts'
import { host } from './host.svelte.ts'
import { router } from './router.svelte.ts'

export async function useAsCover(picture: string, { id, title }: Pick<AdapterCard, 'id' | 'title'>): Promise<boolean> {
  const done = await host.attempt(() => host.api.library.update({ adapter: id, cover: picture }))
  if (!done) return false
  host.tell({
    text: t('adapters.cover.used', { name: title }),
    action: { label: t('adapters.words.show'), run: () => router.go('adapters', id) },
  })
  return true
}
