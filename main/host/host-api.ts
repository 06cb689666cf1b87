// The contract over a host of this very process, without a shell between: what is asked is answered, and news are heard at the host itself.
import { unwrap } from '../api/revive-error.ts'
import { createApi, type Api } from '../api/calls.ts'
import type { Commands } from '../commands/index.ts'
import type { StudioHost } from './host.ts'

/** What a page has, typed by the commands. */
export type StudioApi = Api<Commands>

/** `host` gives the one that is open now. */
export const hostApi = (host: () => StudioHost): StudioApi =>
  createApi<Commands>({
    invoke: async (method, input) => unwrap(await host().invoke(method, input)),
    subscribe: () => () => undefined,
    connection: () => () => undefined,
    drop: () => Promise.reject(new Error('Nothing is dropped without a window.')),
    media: (name) => name,
  })
