import { captionForm, type CaptionPreview } from '../../api/methods/captioning.ts'
import { z } from 'zod'
import { captionPreview } from '../../studio/caption-preview.ts'
import { hostCommand } from '../../studio/command.ts'

/** What the first pictures would get; nothing is written. */
export const preview = hostCommand({
  input: captionForm.extend({ pictures: z.int().min(1).max(200).default(3) }),
  run: (studio, { pictures, ...form }): Promise<CaptionPreview> => captionPreview(studio, form, pictures),
})
