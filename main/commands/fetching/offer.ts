import { z } from 'zod'
import { fetchLink, type Offer } from '../../api/methods/fetching.ts'
import { totalOf } from '../../fetching/plan.ts'
import { hostCommand } from '../../studio/command.ts'

/** What is behind a link: asks the network, and fetches nothing. */
export const offer = hostCommand({
  input: z.strictObject({ link: fetchLink }),
  async run({ fetching, tokens, places }, { link }): Promise<Offer> {
    const plan = await fetching.plan(link, AbortSignal.timeout(120_000))
    const { title, page, licence, gated, base, words, site } = plan
    return {
      ...{ link: plan.link, source: site, title, page, licence, gated },
      files: plan.files.map(({ path, bytes, roughly, hash }) => ({ path, bytes: bytes ?? roughly ?? null, hashed: hash !== undefined })),
      bytes: totalOf(plan) ?? null,
      freeDiskBytes: await fetching.network.free(places.fetching),
      token: (await tokens.list()).some((one) => one.site === site),
      ...(base === undefined ? {} : { base }),
      ...(words === undefined ? {} : { words }),
    }
  },
})
