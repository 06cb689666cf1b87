// `--sets DIR,repeats=3,resolution=512`: on the command line a further set is one word; a recipe has it as it is.
import { z } from 'zod'
import { fieldsOf, takes } from '../../engine/requests/fields.ts'
import { optionValue } from '../../engine/requests/own-options.ts'
import { pictureSet, setFields } from '../../engine/requests/picture-sets.ts'

const shape: Readonly<Record<string, z.ZodType>> = pictureSet.shape
const fields = fieldsOf(pictureSet)
const names = Object.keys(shape).filter((name) => name !== 'folder')

/** Words stay as they are, also where they look like numbers. */
function isText(name: string): boolean {
  const field = shape[name]
  return (field instanceof z.ZodOptional ? field.unwrap() : field) instanceof z.ZodString
}

function asSet(given: unknown): unknown {
  if (typeof given !== 'string') return given
  // A folder may have commas in its name: a setting begins with a comma, a name and an equals sign.
  const [folder = '', ...settings] = given.split(/,(?=[A-Za-z]+=)/)
  const values = settings.map((one): readonly [string, unknown] => {
    const [name = ''] = one.split('=', 1)
    const value = one.slice(name.length + 1)
    return [name, isText(name) ? value : optionValue(value)]
  })
  return { folder, ...Object.fromEntries(values) }
}

const setInWords = z.custom<string | z.input<typeof pictureSet>>().transform((given, context) => {
  const parsed = pictureSet.safeParse(asSet(given))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const field = fields.find(({ key }) => key === issue?.path[0])
  const wrong =
    issue?.code === 'unrecognized_keys'
      ? `a set has no "${issue.keys[0]}", but ${names.join(', ')}`
      : field
        ? `${field.key} takes ${takes(field)}`
        : issue?.message
  const message = `${JSON.stringify(given)} is no set of pictures: ${wrong}. Write DIR,NAME=VALUE,…, e.g. cats,repeats=3,resolution=512`
  context.issues.push({ code: 'custom', input: given, message })
  return z.NEVER
})

const meta = setFields.sets.meta()
export const setsInWords = z
  .array(setInWords)
  .min(1)
  .max(64)
  .optional()
  .meta({ ...meta, description: `${meta?.description ?? ''}: DIR,NAME=VALUE,… of ${names.join(', ')}` })
