// A picture of the gallery goes to the trash, with a way back that the screen's own undo has too.
import { t } from '../words/words.svelte.ts'
import { host } from './host.svelte.ts'
import type { Timeline } from './timeline.ts'

export async function removePicture(id: string, edits: { settle(): void }, timeline: Timeline): Promise<void> {
  const discard = () => host.attempt(() => host.api.gallery.remove({ pictures: [id] }))
  /** Of the trash, while it lies or is put there: who takes it back at once means this, whatever the host still does. */
  const first = discard()
  let going: typeof first | undefined = first
  const back = async (): Promise<void> => {
    const asked = going
    going = undefined
    const trashed = await asked
    if (trashed) await host.attempt(() => host.api.gallery.restore({ undo: trashed.undo }))
  }
  edits.settle()
  const step = { back, again: () => (going ??= discard()) }
  timeline.did(step)
  if (!(await first)) return timeline.forget(step)
  if (going !== first) return
  host.tell({ text: t('datasets.deleted', { n: 1 }), action: { label: t('app.undo'), run: () => void back() } })
}
