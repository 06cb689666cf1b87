// About: what runs here and under which licences; and stopping what takes long.

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
