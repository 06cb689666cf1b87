// What jobs that draw have in common: their progress, and pictures that are kept.
import { writeFileAtomic } from '../../engine/files/atomic.ts'
import type { DrawingEvent, DrawnPicture } from '../operations/events.ts'
import type { Gallery, StoredPicture } from '../stores/gallery.ts'
import type { JobRun } from './job-run.ts'

export const pictureId = (job: string, index: number): string => `${job}-${index}`

/** Tells how far it is; `before` steps were made in an earlier turn. */
export function tellDrawing({ job, announcer, media, tell, update }: JobRun, event: DrawingEvent, before: number): void {
  if (event.type === 'drawn' || event.type === 'interrupted') return
  if (event.type === 'preview') {
    const { step, steps, png } = event
    announcer.announce('preview', { job: job.id, step: before + step, steps: before + steps, media: media.ofBytes(png) })
    return
  }
  tell(event)
  if (event.type !== 'step') return
  const { step, steps, rate } = event
  update({ step: before + step, eta: (steps - step) / rate, preparing: null })
}

/** What there was of a picture that a person stopped or skipped: it is kept, as its metadata say. One that is drawn anew later is not. */
export async function keepInterrupted(
  run: JobRun,
  { png, picture, step, skipped }: Extract<DrawingEvent, { readonly type: 'interrupted' }>,
  known: Known,
  count: number,
): Promise<void> {
  if (!skipped && !run.turn.atOnce.aborted) return
  await writeFileAtomic(picture.out, png)
  await keepPicture(run, picture, { ...known, interrupted: step }, count)
}

/** What the job knows of a picture; the rest is told by whoever drew it. */
type Known = Pick<
  Parameters<Gallery['add']>[0],
  'id' | 'kind' | 'form' | 'index' | 'adapters' | 'x' | 'y' | 'z' | 'cells' | 'interrupted'
> & {
  readonly asked?: StoredPicture['asked']
}

export async function keepPicture(
  { job, gallery, announcer, tell }: JobRun,
  { width, height, seconds, model }: DrawnPicture,
  known: Known,
  count: number,
): Promise<void> {
  const at = { file: `${known.id}.png`, at: Date.now(), starred: false, job: job.id }
  const picture = await gallery.add({ ...known, ...at, width, height, seconds, model })
  announcer.announce('gallery', { picture })
  tell({ type: 'picture', picture, index: known.index, count })
}
