// Settings: versioned, parsed when read, changed whole.
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { settings, type Settings } from '../api/methods/settings.ts'
import { JsonFile } from './json-file.ts'

/** One function a version: from that version to the next. */
const migrations: Readonly<Record<number, (stored: Record<string, unknown>) => Record<string, unknown>>> = {}
const newest = 1

export class SettingsStore {
  readonly #file: JsonFile<typeof settings>
  private constructor(file: JsonFile<typeof settings>) {
    this.#file = file
  }

  /** What another version wrote is kept beside before this one writes over it, an older as well as a newer. */
  static async open(root: string): Promise<SettingsStore> {
    const path = join(root, 'settings.json')
    const migrated = async (stored: unknown): Promise<unknown> => {
      const { version } = z.object({ version: z.number().default(newest) }).parse(stored)
      if (version !== newest) await copyFile(path, join(root, `settings.version-${version}.json`))
      return migrate(stored)
    }
    return new SettingsStore(await JsonFile.open(path, settings, migrated))
  }

  get value(): Settings {
    return this.#file.value
  }

  async change(part: Partial<Settings>): Promise<Settings> {
    const given = Object.fromEntries(Object.entries(part).filter(([, value]) => value !== undefined))
    await this.#file.set(settings.parse({ ...this.value, ...given }))
    return this.value
  }

  /** Back to the defaults: all, or the fields named. */
  async reset(fields?: readonly string[]): Promise<Settings> {
    const kept = fields ? Object.entries(this.value).filter(([key]) => !fields.includes(key)) : []
    await this.#file.set(settings.parse(Object.fromEntries(kept)))
    return this.value
  }
}

/** Lifts what an earlier version wrote. A field that does not fit any more falls back alone, not the whole file with it. */
function migrate(stored: unknown): unknown {
  let record = z.record(z.string(), z.unknown()).parse(stored)
  for (let version = Number(record.version ?? 1); version < newest; version++) record = migrations[version]?.(record) ?? record
  const fields = Object.entries(record).filter(([key, value]) => {
    const field = settings.shape[key as keyof typeof settings.shape] as z.ZodType | undefined
    return field?.safeParse(value).success
  })
  return Object.fromEntries(fields)
}
