// The queue of the fake studio: nobody named one yet.
import type { QueueState } from '../../../main/api/methods/workers.ts'
import type { Handlers } from './handlers.ts'

export function fakeWorkers(): Handlers<'workers'> {
  let now: QueueState = { address: null, store: null, password: null }
  return {
    state: () => now,
    set: ({ address = now.address, store = now.store, password }) =>
      (now = { address, store, password: password === undefined ? now.password : password === null ? null : 'keychain' }),
    look: () => ({ workers: ['card-0', 'card-1'], problem: null }),
  }
}
