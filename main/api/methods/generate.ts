// Generating: one picture, many, or a grid over two parameters.
import { z } from 'zod'
import { blockWeights } from '../../../engine/requests/block-weights.ts'
import { fieldsOf, takes, varies, type ChoiceCard, type FieldDescription } from '../../../engine/requests/fields.ts'
import { strengthCourse } from '../../../engine/requests/strength-course.ts'
import { generateRequest, type GenerateRequest, type UsualGuidance } from '../../../engine/requests/generate.ts'
import { regionText } from '../../../engine/requests/regions.ts'
import { vaeChoice } from '../../../engine/requests/vae.ts'
import { id, type MediaId, type Size } from '../shapes.ts'

export const stackEntry = z.strictObject({
  adapter: id,
  weight: z.number().min(-2).max(2).default(1),
  /** In the text encoders, where it is another. */
  textWeight: z.number().min(-2).max(2).optional(),
  blocks: blockWeights.optional(),
  /** Where it acts, if not everywhere. */
  region: regionText.optional(),
  ...strengthCourse,
  enabled: z.boolean().default(true),
})
export type StackEntry = z.infer<typeof stackEntry>

/** The engine's request, the model and the stack. `<lora:name:0.8>` in the prompt adds to the stack (see `prompt.ts`). */
export const generateForm = z.strictObject({
  ...generateRequest.shape,
  prompt: z.string().max(20_000),
  negative: z.string().max(20_000).default(''),
  /** Names of styles that the prompts are put into, in this order. */
  styles: z.array(z.string().min(1).max(200)).max(32).optional(),
  model: id.optional(),
  vae: vaeChoice,
  stack: z.array(stackEntry).max(64).default([]),
})
export type GenerateForm = z.input<typeof generateForm>
/** One that was written down, perhaps by another version: what this one does not know is passed over. */
export const storedForm = z.object(generateForm.shape)

const axisValue = z.union([z.number(), z.boolean(), z.string().max(20_000)])
/** As many as stand on one axis. */
const mostOnAxis = 1000

/**
 * What a grid varies: a field of the request (any number, choice or switch, unless its schema says that it makes no axis), or a kind of
 * `main/operations/axes/`, and its values.
 */
export const gridAxis = z
  .strictObject({
    kind: z.string().min(1).max(60),
    values: z.array(axisValue).min(1).max(mostOnAxis),
    /** Which option, where it is one of a sampler, a schedule or a condition. */
    option: z.string().max(40).optional(),
    /** Which adapter of the stack; left out: each. */
    adapter: id.optional(),
    /** Of adapters that stand alone in place of the stack. */
    weight: z.number().min(-2).max(2).optional(),
  })
  .check((context) => {
    const { kind, values } = context.value
    const field = fieldsOf(generateRequest).find(({ key }) => key === kind)
    if (!field || !varies(field)) return
    const schema = generateRequest.shape[kind as keyof GenerateRequest] as z.ZodType
    const unfit = values.findIndex((value) => field.axis === false || !schema.safeParse(value).success)
    if (unfit >= 0) context.issues.push({ code: 'custom', input: values, path: ['values', unfit], message: `takes ${takes(field)}` })
  })
export type GridAxis = z.input<typeof gridAxis>

/** What a person wrote, before choices were made by the seed and styles put around it. */
export const askedPrompts = z.object({
  prompt: z.string().max(20_000),
  negative: z.string().max(20_000),
  styles: z.array(z.string().min(1).max(200)).max(32).optional(),
})
export type AskedPrompts = z.output<typeof askedPrompts>

/** A condition of drawing: the option that puts it in force, and all of its own. */
export interface ConditionCard {
  /** The option of another condition without which it does nothing. */
  readonly over?: string
  /** The option of another condition with which it does not go. */
  readonly excludes?: string
  readonly name: string
  readonly by: string
  readonly options: readonly FieldDescription[]
}
export interface GenerateOptions {
  readonly fields: readonly FieldDescription[]
  readonly samplers: readonly ChoiceCard[]
  readonly conditions: readonly ConditionCard[]
  /** Of the model asked for: its usual side, the step of sizes, and the guidance to begin with. */
  readonly side: number
  readonly sizeStep: number
  readonly guidance: UsualGuidance
  /** Of its UNet, behind `BASE` for the text encoders: what strengths can be told apart by. */
  readonly blocks: readonly string[]
  /** A person's own presets of block weights, by name. */
  readonly blockPresets: Readonly<Record<string, string>>
}
/** A picture that drawing begins with: how it is shown, and how large it is. */
export interface InputPicture extends Size {
  readonly media: MediaId
}
/** A mask by the lengths of its runs (`engine/requests/mask-runs.ts`). */
export interface MaskRuns extends Size {
  readonly runs: readonly number[]
}
/** What a PNG says about its making. */
export interface Recalled {
  readonly form: GenerateForm
  /** What was written before choices were made: the form says what they came to. */
  readonly asked?: AskedPrompts | undefined
  /** Adapters, models and settings that it names and that are not here. */
  readonly missing: readonly { readonly kind: 'adapter' | 'embedding' | 'model' | 'sampler' | 'setting'; readonly name: string }[]
  /** Everything that it says, as written. Text from strangers. */
  readonly text: string
}
