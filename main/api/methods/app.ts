// About: what runs here and under which licences; and stopping what takes long.
import { z } from 'zod'
import { id, method, none } from '../method.ts'

export interface AppInfo {
  readonly version: string
  /** `window` has native dialogs and menus; in `browser` paths are typed or browsed with `files.browse`. */
  readonly shell: 'window' | 'browser'
  readonly platform: string
  readonly runtime: string
  readonly node: string
  /** Nothing of one's own here yet: show the welcome card. */
  readonly firstRun: boolean
  readonly dataFolder: string
}
export interface Licence {
  readonly name: string
  readonly version: string
  readonly licence: string
  readonly text: string
}

export const appMethods = {
  info: method<AppInfo>()(none),
  licences: method<readonly Licence[]>()(none),
  /** Stops a long method by its task. */
  stop: method<void>()(z.strictObject({ task: id })),
  /** Opens a page of the project's own in the system browser; anything else is refused. */
  openLink: method<void>()(z.strictObject({ url: z.url().max(500) })),
}
