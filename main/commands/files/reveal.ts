import { z } from 'zod'
import { hostCommand } from '../../studio/command.ts'

/** Shows a thing of ours in the file manager of the host. */
export const reveal = hostCommand({
  input: z.strictObject({ media: z.string().min(1).max(200) }),
  async run({ shell, media }, { media: name }): Promise<void> {
    const found = media.find(name)
    if ('path' in found) await shell.reveal(found.path)
  },
})
