import { z } from 'zod'
import { fetchLink } from '../api/methods/fetching.ts'
import type { JobSummary } from '../api/methods/jobs.ts'
import { licenceRefused } from '../fetching/licence-refused.ts'
import { requireRoom } from '../fetching/room.ts'
import { totalOf } from '../fetching/plan.ts'
import { isOver } from '../jobs/job.ts'
import { hostCommand } from '../studio/command.ts'
import { describeJob } from '../studio/describe-job.ts'

/**
 * Puts it into the queue; one that was stopped on its way goes on. Throws `licence-not-accepted` with the licence in its facts, `disk-full`, and what the
 * network has against it.
 */
export const fetch = hostCommand({
  summary:
    'Fetch a model or an adapter: owner/name[@revision][:file] of Hugging Face, a page of CivitAI, or an https link to a .safetensors file.',
  order: 5.5,
  positional: 'link',
  waits: true,
  input: z.strictObject({
    link: fetchLink.meta({
      description: 'what to fetch; without --accept its size and licence are told, and nothing is fetched',
      placeholder: 'ID|LINK',
    }),
    accept: z.boolean().default(false).meta({ description: 'the licence that was shown is accepted' }),
    licence: z.string().max(500).optional().meta({ description: 'its name as it was shown; another one is not accepted' }),
  }),
  async run({ fetching, queue, media, places }, { link, accept, licence }): Promise<JobSummary> {
    const plan = await fetching.plan(link, AbortSignal.timeout(120_000))
    if (!accept || (licence !== undefined && licence !== plan.licence.name)) throw licenceRefused(plan)
    const same = queue
      .list()
      .find(({ work, ...job }) => work.kind === 'fetch' && work.link === plan.link && (job.state === 'failed' || !isOver({ ...job, work })))
    if (same) return describeJob(await queue.resume(same.id), queue, media)
    const bytes = totalOf(plan)
    await requireRoom(plan.title, places.fetching, bytes ?? 0, fetching.network)
    return describeJob(
      await queue.add(plan.title, { kind: 'fetch', link: plan.link, licence: plan.licence.name }, bytes ?? 0),
      queue,
      media,
    )
  },
})
