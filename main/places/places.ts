// Where Pigment keeps what is its own.
import { mkdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileError } from '../../engine/files/file-error.ts'

export interface Places {
  readonly root: string
  readonly datasets: string
  readonly indexes: string
  readonly library: string
  readonly gallery: string
  /** Text files that prompts draw lines from. */
  readonly wildcards: string
  /** Pictures that were brought to draw from. */
  readonly inputs: string
  readonly runs: string
  /** Models that were fetched, and those that are on their way, by their jobs. */
  readonly models: string
  readonly fetching: string
  readonly exports: string
  readonly jobs: string
  readonly trash: string
  readonly thumbnails: string
  readonly drops: string
}

/** `PIGMENT_HOME`, or the system's folder for the data of applications. */
export function dataFolder(environment: NodeJS.ProcessEnv = process.env, platform: NodeJS.Platform = process.platform): string {
  if (environment.PIGMENT_HOME) return environment.PIGMENT_HOME
  if (platform === 'win32') return join(environment.APPDATA ?? join(homedir(), 'AppData', 'Roaming'), 'Pigment')
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Pigment')
  return join(environment.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'pigment')
}

/** The folders below `root`, made where they are missing. Throws `not-writable`, `disk-full` and the like. */
export async function preparePlaces(root: string): Promise<Places> {
  const at = (name: string): string => join(root, name)
  const places: Places = {
    root,
    datasets: at('datasets'),
    indexes: at('indexes'),
    library: at('library'),
    gallery: at('gallery'),
    wildcards: at('wildcards'),
    inputs: at('inputs'),
    runs: at('runs'),
    models: at('models'),
    fetching: join(at('models'), '.fetching'),
    exports: at('exports'),
    jobs: at('jobs'),
    trash: at('trash'),
    thumbnails: at('thumbnails'),
    drops: at('drops'),
  }
  for (const folder of Object.values(places) as string[])
    await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
      throw fileError(error, folder, 'write')
    })
  return places
}
