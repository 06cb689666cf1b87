// The weights of single steps of a run, as adapters: beside it for good where they are kept, else in its folder until it is known which step is taken. Each
// is written once.
import { mkdir, readdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Adapter } from '../../engine/adapters/adapter.ts'
import { runFolderOf } from './run-folder.ts'

/** Which steps are kept for good. */
export interface Keeping {
  /** Steps between, of each that asks for some. */
  readonly every: readonly number[]
  readonly folder: string
  /** Every one of them; without it they are thinned out to a dozen. */
  readonly all?: boolean | undefined
}

const stemOf = (out: string): string => basename(out).replace(/\.safetensors$/i, '')
/** `style.safetensors` → `style.steps`, where a run of the terminal keeps its steps. */
export const stepsFolderOf = (out: string): string => join(dirname(out), `${stemOf(out)}.steps`)

const padded = (step: number, digits: number): string => String(step).padStart(digits, '0')
/** As sd-scripts names them, and as those that wait are called. */
export const keptName = /-step(\d{8,})\.safetensors$/
const waitingName = /^(\d+)\.safetensors$/

/** Steps in a folder, with their files, the first first. */
export async function stepsIn(folder: string, name = keptName): Promise<ReadonlyMap<number, string>> {
  const names = await readdir(folder).catch((): string[] => [])
  const found = names.flatMap((file) => {
    const step = name.exec(file)?.[1]
    return step === undefined ? [] : [[Number(step), join(folder, file)] as const]
  })
  return new Map(found.toSorted(([a], [b]) => a - b))
}

type Write = (adapter: Adapter, file: string, as: 'kept' | 'stopped') => Promise<void>

export class StepStore {
  readonly #stem: string
  readonly #folder: string | undefined
  readonly #waiting: string
  readonly #write: Write

  constructor(out: string, folder: string | undefined, write: Write) {
    this.#stem = stemOf(out)
    this.#folder = folder
    this.#waiting = join(runFolderOf(out), 'measured')
    this.#write = write
  }

  /** Where a run begins: steps of an earlier one of the same name are not among its own. */
  async clear(): Promise<void> {
    for (const file of (await this.#kept()).values()) await rm(file, { force: true })
  }

  /** `taken`: it may turn out to be the step that the run is written with. Gives its file where it is kept for good. */
  async keep(
    step: number,
    adapter: Adapter,
    { forGood, taken }: { readonly forGood: boolean; readonly taken: boolean },
  ): Promise<string | undefined> {
    const file = forGood && this.#folder !== undefined ? join(this.#folder, `${this.#stem}-step${padded(step, 8)}.safetensors`) : undefined
    if (file !== undefined) await this.#put(adapter, file, 'kept')
    // Vectors of a trigger word alone are kept as what programs read, which is no adapter.
    if (taken && (file === undefined || adapter.modules.length === 0))
      await this.#put(adapter, join(this.#waiting, `${padded(step, 7)}.safetensors`), 'stopped')
    return file
  }

  /** By their steps. */
  async files(): Promise<ReadonlyMap<number, string>> {
    return new Map([...(await this.#kept()), ...(await stepsIn(this.#waiting, waitingName))])
  }

  async end(): Promise<void> {
    await rm(this.#waiting, { recursive: true, force: true })
  }

  /** Others may keep theirs in the same folder. */
  async #kept(): Promise<ReadonlyMap<number, string>> {
    if (this.#folder === undefined) return new Map()
    return new Map([...(await stepsIn(this.#folder))].filter(([, file]) => basename(file).replace(keptName, '') === this.#stem))
  }

  async #put(adapter: Adapter, file: string, as: 'kept' | 'stopped'): Promise<void> {
    await mkdir(dirname(file), { recursive: true })
    await this.#write(adapter, file, as)
  }
}
