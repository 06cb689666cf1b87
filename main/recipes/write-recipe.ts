// A request as TOML: every field of its schema below its group, with its description; what has no value stands there as a comment.
import { stringify } from 'smol-toml'
import type { z } from 'zod'
import { fieldsOf, takes, type FieldDescription } from '../../engine/requests/fields.ts'
import { groupOf, kebab } from './keys.ts'
import { recipeVersion } from './version.ts'

type Values = Readonly<Record<string, unknown>>

const widest = 120

/** Without `explained` the values alone. Reads back as the same values (`readRecipe`). */
export function writeRecipe(schema: z.ZodObject, values: Values, { explained = true }: { readonly explained?: boolean } = {}): string {
  const fields = fieldsOf(schema)
  const groups = [undefined, ...new Set(fields.flatMap(({ group }) => group ?? []))]
  const head = explained
    ? ['# A recipe of Pigment: `pigment train RECIPE.toml`. What is given beside it on the command line wins over it.']
    : []
  const tables = groups.flatMap((group) => {
    const own = fields.filter(({ key }) => groupOf(key, fields) === group)
    const flat = own.filter(({ key }) => !isNested(values[key]) && !key.endsWith('Options'))
    const lines = flat.flatMap((field) => linesOf(field, values[field.key], explained))
    const nested = own.filter(({ key }) => isNested(values[key])).map(({ key }) => nestedLines(group, key, values[key]))
    if (lines.length === 0 && nested.length === 0) return []
    return [...(group === undefined || lines.length === 0 ? [] : ['', `[${group}]`]), ...lines, ...nested]
  })
  return `${[...head, `recipe = ${recipeVersion}`, ...tables].join('\n').trim()}\n`
}

function linesOf(field: FieldDescription, value: unknown, explained: boolean): string[] {
  const { key, default: usual, fallback } = field
  const line = value === undefined ? [] : [stringify({ [kebab(key)]: value }).trim()]
  if (!explained) return line
  // A recipe says what there is to say: whoever reads it need not look anything up.
  const open = usual === undefined ? `# ${kebab(key)} =${fallback === undefined ? '' : ` (${fallback})`}` : commented(key, usual)
  return [
    '',
    ...comment(field.kind === 'text' ? field.description : `${field.description} (${takes(field)})`),
    ...(value === undefined ? [open] : line),
  ]
}

const commented = (key: string, usual: unknown): string => `# ${stringify({ [kebab(key)]: usual }).trim()}`

function nestedLines(group: string | undefined, key: string, value: unknown): string {
  const own = { [kebab(key)]: value }
  return `\n${stringify(group === undefined ? own : { [group]: own }).trim()}`
}

/** Tables take lines of their own. */
const isNested = (value: unknown): boolean =>
  Array.isArray(value) ? value.some((one) => typeof one === 'object' && one !== null) : typeof value === 'object' && value !== null

/** As lines that are no wider than a screen. */
function comment(text: string): string[] {
  const lines = ['#']
  for (const word of text.split(/\s+/)) {
    const last = lines.length - 1
    if (`${lines[last]} ${word}`.length > widest && lines[last] !== '#') lines.push(`# ${word}`)
    else lines[last] = `${lines[last]} ${word}`
  }
  return lines
}
