import { captionForm } from '../../api/methods/captioning.ts'
import type { JobSummary } from '../../api/methods/jobs.ts'
import { hostCommand } from '../../studio/command.ts'
import { startCaptions } from '../../studio/start-captions.ts'

/** Puts captions for the pictures of a selection into the queue. Throws what is wrong with the form or the captioner. */
export const start = hostCommand({
  input: captionForm,
  run: (studio, form): Promise<JobSummary> => startCaptions(studio, form),
})
