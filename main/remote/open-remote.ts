import { parseQueueAddress } from '../redis/address.ts'
import { openStore } from './open-store.ts'
import { RemoteEngine, type RemoteEngineOptions } from './remote-engine.ts'

interface RemoteGiven extends Omit<RemoteEngineOptions, 'address' | 'store'> {
  readonly address: string
  readonly store: string | undefined
}

/** By addresses as a person gives them. Throws what is wrong with them, and `queue-unreachable`. */
export const openRemote = ({ address, store, ...more }: RemoteGiven): Promise<RemoteEngine> =>
  RemoteEngine.open({ ...more, address: parseQueueAddress(address), store: openStore(store) })
