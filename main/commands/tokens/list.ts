import type { TokenSite } from '../../api/methods/fetching.ts'
import { none } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'

/** For which sites a token is kept; never the token. */
export const list = hostCommand({
  input: none,
  async run({ tokens, fetching }): Promise<readonly TokenSite[]> {
    const kept = await tokens.list()
    return fetching.sites().map((one) => ({ ...one, kept: kept.find(({ site }) => site === one.site)?.by ?? null }))
  },
})
