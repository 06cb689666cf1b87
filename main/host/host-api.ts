// The contract over a host of this very process, without a shell between: what is asked is answered, and news are heard at the host itself.
import { unwrap } from '../api/revive-error.ts'
import { createApi, type StudioApi } from '../api/studio.ts'
import type { StudioHost } from './host.ts'

/** `host` gives the one that is open now. */
export const hostApi = (host: () => StudioHost): StudioApi =>
  createApi({
    invoke: async (method, input) => unwrap(await host().invoke(method, input)),
    subscribe: () => () => undefined,
    connection: () => () => undefined,
    drop: () => Promise.reject(new Error('Nothing is dropped without a window.')),
    media: (name) => name,
  })
