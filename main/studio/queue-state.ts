import type { QueueState } from '../api/methods/workers.ts'
import { queueSite } from '../jobs/elsewhere.ts'
import type { Parts } from './parts.ts'

export async function queueState({ settings, tokens }: Pick<Parts, 'settings' | 'tokens'>): Promise<QueueState> {
  const { queueAddress: address, queueStore: store } = settings.value
  const kept = (await tokens.list()).find(({ site }) => site === queueSite)
  return { address, store, password: kept?.by ?? null }
}
