import { basename } from 'node:path'
import type { z } from 'zod'
import type { captionForm } from '../api/methods/captioning.ts'
import type { JobSummary } from '../api/methods/jobs.ts'
import { picturesToCaption } from '../datasets/to-caption.ts'
import { checkCaptionForm } from './caption-preview.ts'
import { describeJob } from './describe-job.ts'
import type { Parts } from './parts.ts'

/** The job that says and writes them. Throws what is wrong with the form. */
export async function startCaptions(
  { datasets, views, queue, media }: Pick<Parts, 'datasets' | 'views' | 'queue' | 'media'>,
  form: z.output<typeof captionForm>,
): Promise<JobSummary> {
  await checkCaptionForm(form)
  const { asked } = picturesToCaption(await views.of(form.dataset), form)
  const title = `${datasets.entry(form.dataset).name} · ${basename(form.with)}`
  return describeJob(await queue.add(title, { kind: 'caption', form }, asked.length), queue, media)
}
