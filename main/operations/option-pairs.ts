// `--sampler-option NAME=VALUE`: on the command line the options that a choice has of its own come as pairs, for each choice by a flag of its name.
import { z } from 'zod'
import { choices } from '../../engine/choices.ts'
import { takes, type FieldDescription } from '../../engine/requests/fields.ts'
import { optionsOf, optionValue, type Choice, type OwnOptions } from '../../engine/requests/own-options.ts'

const pair = z.string().transform((text, context): readonly [name: string, value: OwnOptions[string]] => {
  const [, name, value] = /^([^=]+)=(.+)$/s.exec(text) ?? []
  if (name !== undefined && value !== undefined) return [name.trim(), optionValue(value)]
  context.issues.push({ code: 'custom', input: text, message: `"${text}" is no option and its value; write NAME=VALUE, e.g. eta=0.5` })
  return z.NEVER
})
const pairs = z.array(pair).optional()

type InPairs<Shape> = {
  [K in keyof Shape as K extends `${infer Field}Options` ? `${Field}Option` : K]: K extends `${string}Options` ? typeof pairs : Shape[K]
}

type Choices = Readonly<Record<string, readonly Choice[]>>

/** The fields of a request as the command line takes them; `among` is what its fields choose from. */
export function inPairs<Shape extends z.ZodRawShape>(request: z.ZodObject<Shape>, among: Choices = choices): InPairs<Shape> {
  const fields = Object.entries(request.shape).flatMap(([key, schema]) => {
    const field = Object.keys(among).find((one) => `${one}Options` === key)
    if (field === undefined) return [[key, withSentences(schema as unknown as z.ZodType, among[key] ?? [])]]
    const told = toldOf(among[field] ?? [], request)
    const meta = (schema as unknown as z.ZodType).meta()
    const description = [meta?.description, ...told].join('. ')
    // While no choice has options of its own there is nothing to give.
    return told.length > 0 ? [[`${field}Option`, pairs.meta({ ...meta, description, placeholder: 'NAME=VALUE' })]] : []
  })
  return Object.fromEntries(fields) as InPairs<Shape>
}

/** The same field, whose description says of each of its choices what it does and when to choose it. */
function withSentences(schema: z.ZodType, all: readonly Choice[]): z.ZodType {
  const told = all.flatMap(({ name, sentence }) => (sentence ? `${name}: ${sentence}` : []))
  if (told.length === 0) return schema
  const meta = schema.meta()
  return schema.meta({ ...meta, description: `${meta?.description ?? ''}. ${told.join(' ')}` })
}

/** What was given in pairs, as the request has it; a choice without any has none. */
export function fromPairs<Given extends object>(
  given: Given,
  among: Choices = choices,
): Given & Readonly<Record<`${string}Options`, OwnOptions | undefined>> {
  const own = Object.keys(among).flatMap((field) => {
    const told = (given as Readonly<Record<string, readonly (readonly [string, OwnOptions[string]])[] | undefined>>)[`${field}Option`]
    return told && told.length > 0 ? [[`${field}Options`, Object.fromEntries(told)] as const] : []
  })
  return { ...given, ...Object.fromEntries(own) }
}

/** Help tells every option of every choice, with what it takes and its default. */
const toldOf = (all: readonly Choice[], request: z.ZodObject): string[] =>
  all.flatMap((one) => {
    const options = optionsOf(one, request)
    const beside = Object.entries(one.usual ?? {}).map(([key, value]) => `${key} ${value} unless another is given`)
    return options.length === 0 ? [] : `${one.name}: ${[...beside, ...options.map(said)].join('; ')}`
  })

const said = (option: FieldDescription): string =>
  `${option.key}, ${option.description}, ${takes(option)} (default: ${String(option.default)})`
