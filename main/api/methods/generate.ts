// Generating: one picture, many, or a grid over two parameters.
import { z } from 'zod'
import { blockWeights } from '../../../engine/requests/block-weights.ts'
import { fieldsOf, varies, type ChoiceCard, type FieldDescription } from '../../../engine/requests/fields.ts'
import { generateRequest, type GenerateRequest, type UsualGuidance } from '../../../engine/requests/generate.ts'
import { vaeChoice } from '../../../engine/requests/vae.ts'
import { id } from '../shapes.ts'

export const stackEntry = z.strictObject({
  adapter: id,
  weight: z.number().min(-2).max(2).default(1),
  /** In the text encoders, where it is another. */
  textWeight: z.number().min(-2).max(2).optional(),
  blocks: blockWeights.optional(),
  enabled: z.boolean().default(true),
})
export type StackEntry = z.infer<typeof stackEntry>

/** The engine's request, the model and the stack. `<lora:name:0.8>` in the prompt adds to the stack (see `prompt.ts`). */
export const generateForm = z.strictObject({
  ...generateRequest.shape,
  prompt: z.string().max(20_000),
  negative: z.string().max(20_000).default(''),
  model: id.optional(),
  vae: vaeChoice,
  stack: z.array(stackEntry).max(64).default([]),
})
export type GenerateForm = z.input<typeof generateForm>
/** One that was written down, perhaps by another version: what this one does not know is passed over. */
export const storedForm = z.object(generateForm.shape)

/** Every number, choice and switch of the request, unless its schema says that it makes no axis. */
type AxisField = Exclude<keyof GenerateRequest, 'prompt' | 'negative' | 'sampler' | 'samplerOptions' | 'schedule' | 'scheduleOptions'>
const most = 12
const fieldAxes = fieldsOf(generateRequest).flatMap((field) => {
  if (!varies(field) || field.axis === false) return []
  const key = field.key as AxisField
  const value = generateRequest.shape[key].unwrap() as z.ZodType<number | string | boolean>
  return z.strictObject({ kind: z.literal(key), values: z.array(value).min(1).max(most) })
})
const optionValue = z.union([z.number(), z.boolean(), z.string().max(80)])

export const gridAxis = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('sampler'), values: z.array(z.string().max(40)).min(1).max(most) }),
  z.strictObject({ kind: z.literal('schedule'), values: z.array(z.string().max(40)).min(1).max(most) }),
  /** One option of the form's own sampler. */
  z.strictObject({ kind: z.literal('samplerOption'), option: z.string().max(40), values: z.array(optionValue).min(1).max(most) }),
  z.strictObject({ kind: z.literal('prompt'), values: z.array(z.string().max(20_000)).min(1).max(most) }),
  /** Weight of one adapter of the stack. */
  z.strictObject({ kind: z.literal('weight'), adapter: id, values: z.array(z.number().min(-2).max(2)).min(1).max(most) }),
  /** One adapter alone in place of the stack. */
  z.strictObject({ kind: z.literal('adapter'), weight: z.number().min(-2).max(2).default(1), values: z.array(id).min(1).max(most) }),
  ...fieldAxes,
])
export type GridAxis = z.input<typeof gridAxis>

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
}
/** What a PNG says about its making. */
export interface Recalled {
  readonly form: GenerateForm
  /** Adapters, models and settings that it names and that are not here. */
  readonly missing: readonly { readonly kind: 'adapter' | 'embedding' | 'model' | 'sampler' | 'setting'; readonly name: string }[]
  /** Everything that it says, as written. Text from strangers. */
  readonly text: string
}
