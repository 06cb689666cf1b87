import { z } from 'zod'
import { PigmentError } from '../../../engine/requests/error.ts'
import { hostCommand } from '../../studio/command.ts'

const linkHosts = new Set([
  ...['github.com', 'huggingface.co', 'civitai.com', 'onnxruntime.ai'],
  // Where licences stand.
  ...['www.apache.org', 'opensource.org', 'creativecommons.org', 'freedevproject.org', 'stability.ai'],
])

/** Opens a page of the project's own in the system browser; anything else is refused. */
export const openLink = hostCommand({
  input: z.strictObject({ url: z.url().max(500) }),
  run({ shell }, { url }): Promise<void> {
    const { protocol, hostname } = new URL(url)
    if (protocol !== 'https:' || !linkHosts.has(hostname))
      throw new PigmentError('link-refused', `Pigment opens only pages of ${[...linkHosts].join(', ')}.`, { url })
    return shell.openLink(url)
  },
})
