// A recipe as values of a request: each key known, each value within its bounds, or told with line and column.
import type { z } from 'zod'
import { PigmentError } from '../../engine/requests/error.ts'
import { boundsAt, fieldsOf, takes } from '../../engine/requests/fields.ts'
import { groupsIn, kebab, nearest, plainKey } from './keys.ts'
import { readToml, type Table, type TomlFile } from './toml.ts'
import { recipeVersion } from './version.ts'

/** Fields that a recipe gives, those that it leaves open left out. */
export type RecipeValues = Readonly<Record<string, unknown>>

interface Fault {
  readonly code: 'recipe-key-unknown' | 'recipe-key-twice' | 'recipe-value'
  readonly path: readonly PropertyKey[]
  readonly sentence: string
  readonly facts?: Readonly<Record<string, unknown>>
}

/** Whether a file is a recipe of ours: it says so, or has no key that is not one of ours. */
export function isRecipe({ table }: TomlFile, schema: z.ZodObject): boolean {
  if ('recipe' in table) return true
  const [known, groups] = [knownKeys(schema), groupsIn(schema)]
  const keys = [...keysOf(table, groups)]
  return keys.length > 0 && keys.every(({ key }) => known.has(plainKey(key)))
}

/** Throws `recipe-newer`, `recipe-key-unknown`, `recipe-key-twice`, `recipe-value`, and what `readToml` throws. */
export function readRecipe(text: string, schema: z.ZodObject, name: string): RecipeValues {
  const file = readToml(text, name)
  refuseNewer(file)
  const [known, groups] = [knownKeys(schema), groupsIn(schema)]
  const values = new Map<string, unknown>()
  const faults: Fault[] = []
  for (const { key, value, path } of keysOf(file.table, groups)) {
    const field = known.get(plainKey(key))
    if (field === undefined) faults.push(unknownKey(key, path, [...known.values()].map(kebab), [...groups]))
    else if (values.has(field))
      faults.push({ code: 'recipe-key-twice', path, sentence: `${kebab(field)} stands in it twice. Take one of them out.` })
    else {
      values.set(field, value)
      faults.push(...misfits(schema, field, value, path))
    }
  }
  const [first] = faults
  if (!first) return Object.fromEntries(values)
  const told = faults.slice(0, 5).map(({ path, sentence }) => {
    const { line, column } = file.place(path)
    return `line ${line}, column ${column}: ${sentence}`
  })
  const more = faults.length > told.length ? ` And ${faults.length - told.length} more.` : ''
  throw new PigmentError(first.code, `"${name}", ${told.join(' ')}${more}`, {
    name,
    ...file.place(first.path),
    key: first.path.map(String).join('.'),
    ...first.facts,
  })
}

function refuseNewer(file: TomlFile): void {
  const { name, table } = file
  const { recipe: version = recipeVersion } = table
  const { line, column } = file.place(['recipe'])
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1)
    throw new PigmentError(
      'recipe-value',
      `"${name}", line ${line}, column ${column}: recipe is the version of the form, ${recipeVersion}.`,
      {
        name,
        line,
        column,
        key: 'recipe',
      },
    )
  if (version > recipeVersion)
    throw new PigmentError(
      'recipe-newer',
      `"${name}" is a recipe of version ${version}, and this program reads those up to ${recipeVersion}. Get a newer Pigment, or have it written by this one: pigment recipe.`,
      { name, version, known: recipeVersion },
    )
}

/** Groups are for the eye: a key may stand in any of them. */
function* keysOf(
  table: Table,
  groups: ReadonlySet<string>,
): Generator<{ readonly key: string; readonly value: unknown; readonly path: readonly string[] }> {
  for (const [key, value] of Object.entries(table)) {
    if (key === 'recipe') continue
    if (groups.has(key) && isTable(value)) {
      for (const [inner, own] of Object.entries(value)) yield { key: inner, value: own, path: [key, inner] }
    } else yield { key, value, path: [key] }
  }
}

const isTable = (value: unknown): value is Table => typeof value === 'object' && value !== null && !Array.isArray(value)

const knownKeys = (schema: z.ZodObject): ReadonlyMap<string, string> => new Map(fieldsOf(schema).map(({ key }) => [plainKey(key), key]))

function unknownKey(key: string, path: readonly string[], fields: readonly string[], groups: readonly string[]): Fault {
  const near = nearest(key, path.length > 1 ? fields : [...fields, ...groups])
  const meant = near === undefined ? 'See "pigment train --help" for all of them.' : `Did you mean "${near}"?`
  return {
    code: 'recipe-key-unknown',
    path,
    sentence: `there is no "${key}". ${meant}`,
    facts: near === undefined ? {} : { nearest: near },
  }
}

function misfits(schema: z.ZodObject, field: string, value: unknown, path: readonly string[]): Fault[] {
  const parsed = (schema.shape[field] as z.ZodType).safeParse(value)
  if (parsed.success) return []
  return parsed.error.issues.slice(0, 1).map((issue) => {
    const bounds = boundsAt(schema, [field, ...issue.path])
    const got = issue.path.reduce<unknown>((at, part) => (isTable(at) || Array.isArray(at) ? (at as Table)[part as string] : at), value)
    const name = [kebab(field), ...issue.path.map(String)].join('.')
    const takesWhat = bounds ? `takes ${takes(bounds)}` : issue.message.toLowerCase()
    return {
      code: 'recipe-value',
      path: [...path, ...issue.path],
      sentence: `${name} ${takesWhat}, got ${JSON.stringify(got) ?? 'nothing'}.`,
      facts: bounds ? { field, takes: takes(bounds) } : { field },
    }
  })
}
