// A program that keeps models on this machine: where people have it, and which of its folders hold what. Nothing in them is ever changed.
import { isAbsolute, join, resolve } from 'node:path'

/** What a folder is meant for; what a file in it is, its own header says. */
export type Holding = 'models' | 'vaes' | 'adapters' | 'embeddings' | 'anything'

export interface Shelf {
  readonly path: string
  readonly holds: Holding
}

/** What says where programs are. */
export interface Surroundings {
  readonly home: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
  /** Folders in and below which programs lie: the person's own and the drives, where it is not said. */
  readonly roots?: readonly string[]
}

/** A folder that may be a program's, read little by little: its disk may not answer. */
export interface ProgramFolder {
  readonly path: string
  readonly names: readonly string[]
  /** A small file, by its way from the folder or by its whole path; empty where it cannot be read. */
  readonly text: (file: string) => Promise<string>
  readonly surroundings: Surroundings
}

export interface ModelProgram {
  readonly name: string
  readonly title: string
  /** What people and installers call its folder. */
  readonly called: RegExp
  /** Where an installer puts it, or the environment says that it is. */
  usual?(surroundings: Surroundings): readonly string[]
  /** Its shelves; undefined where the folder is none of its. Those that are not there are passed over. */
  shelves(folder: ProgramFolder): Promise<readonly Shelf[] | undefined>
}

/** Ways from a folder, as shelves. */
export const shelvesOf = (folder: string, holds: Holding, ...ways: readonly string[]): Shelf[] =>
  ways.map((way) => ({ path: join(folder, way), holds }))

/** A path that a config file or a command line names: absolute, from the home folder, or from the folder of whoever names it. */
export function placed(way: string, from: string, { home }: Surroundings): string {
  const whole = /^~(?=[\\/]|$)/.test(way) ? join(home, way.slice(1)) : way
  return isAbsolute(whole) ? resolve(whole) : resolve(from, whole)
}
