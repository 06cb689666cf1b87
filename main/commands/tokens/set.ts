import { z } from 'zod'
import { PigmentError } from '../../../engine/requests/error.ts'
import { secretText } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'

/** Keeps a token in the system's keychain, or where there is none in a file of its owner's alone. Throws `token-site`, `token-invalid`. */
export const set = hostCommand({
  input: z.strictObject({ site: z.string().max(60), token: secretText }),
  async run({ tokens, fetching }, { site, token }): Promise<{ readonly site: string; readonly by: 'keychain' | 'file' }> {
    const sites = fetching.sites().map((one) => one.site)
    if (!sites.includes(site))
      throw new PigmentError(
        'token-site',
        `There is no site "${site.slice(0, 60)}" to keep a token for. Choose from ${sites.join(', ')}.`,
        { site: site.slice(0, 60), sites },
      )
    return tokens.set(site, token)
  },
})
