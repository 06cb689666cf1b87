import { z } from 'zod'
import { path, secretText } from '../../api/shapes.ts'
import type { QueueState } from '../../api/methods/workers.ts'
import { queueSite } from '../../jobs/elsewhere.ts'
import { parseQueueAddress } from '../../redis/address.ts'
import { openStore } from '../../remote/open-store.ts'
import { hostCommand } from '../../studio/command.ts'
import { queueState } from '../../studio/queue-state.ts'

/**
 * Names the queue of other machines and the place where files travel; `null` forgets one. A password, apart or in the address, is kept as tokens are. Throws
 * `queue-address`, `store-unknown`, `s3-keys`.
 */
export const set = hostCommand({
  input: z.strictObject({
    address: z.string().max(1000).nullable().optional(),
    password: secretText.nullable().optional(),
    store: path.nullable().optional(),
  }),
  async run(studio, given): Promise<QueueState> {
    const { settings, tokens, announcer } = studio
    const { store } = given
    const parsed = given.address ? parseQueueAddress(given.address.trim()) : undefined
    if (store) openStore(store)
    const password = given.password ?? parsed?.password
    // Of another server it would be somebody else's.
    const gone = given.password === null || given.address === null
    if (password !== undefined) await tokens.keep(queueSite, password)
    else if (gone) await tokens.forget(queueSite)
    const now = await settings.change({
      ...(given.address === undefined ? {} : { queueAddress: parsed ? bare(given.address?.trim() ?? '') : null }),
      ...(store === undefined ? {} : { queueStore: store }),
    })
    announcer.announce('settings', { settings: now })
    return queueState(studio)
  },
})

/** Without its password, user and all else kept. */
function bare(address: string): string {
  const url = new URL(address)
  url.password = ''
  return url.href.replace(/\/$/, '')
}
