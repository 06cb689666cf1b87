// What a schema says of an option beside its type, bounds and default, once for everyone: terminal, forms, grids, pictures, forecast.
import type { z } from 'zod'

/**
 * The meta of an option: `rank: z.int().min(1).default(16).meta({ description: 'rank of every adapted layer', group: 'network' })`, last in its
 * chain. Words of the screens stand in the catalogues under `field.<key>`, `reason.<key>` and `choice.<value>`; these are English.
 */
export interface OptionMeta {
  /** What it is or does: in help, and on screens that have no words for it. */
  readonly description?: string | undefined
  /** How help calls its value: `N`, `FILE`. */
  readonly placeholder?: string | undefined
  /** What help says of its default, where that is found out and not in the schema. */
  readonly fallback?: string | number | undefined
  /** Where it stands in its form; an option without a group has no field of its own there. */
  readonly group?: FieldGroup | undefined
  /** Whether it is in sight or behind a fold. Usual: behind. */
  readonly level?: 'basic' | 'advanced' | undefined
  readonly unit?: 'steps' | 'pictures' | 'px' | 'share' | 'micro-batches' | undefined
  /** What a slider or an arrow key moves it by; `logarithmic` where orders of magnitude matter. */
  readonly step?: number | undefined
  readonly logarithmic?: boolean | undefined
  /** The ends of its slider, where its bounds lie further apart than anyone looks. */
  readonly slider?: readonly [from: number, to: number] | undefined
  /** Another field's value times a factor, which a form offers beside it: the usual choice, where the default is another. */
  readonly offer?: { readonly times: number; readonly of: string } | undefined
  /** Of a path: what a person is shown to choose from. */
  readonly path?: 'folder' | 'picture' | 'pictures' | 'checkpoint' | 'vae' | 'adapters' | undefined
  /**
   * Its key in the settings line of a picture, A1111's where A1111 has one; false: it changes no picture, or stands in the line in a way of its own.
   * Usual: its key as words.
   */
  readonly written?: string | false | undefined
  /** It stands in that line only where it is not usual. */
  readonly quiet?: boolean | undefined
  /** Its choices in that line, where A1111 spells them otherwise. */
  readonly spelt?: Readonly<Record<string, string>> | undefined
  /** On an axis of a grid: its name on the sheet and the values to begin with; false: it makes no axis. Usual: every number, choice and switch. */
  readonly axis?: { readonly sign?: string; readonly usual?: string } | false | undefined
  /** It acts on adapters alone: where none is, it changes nothing. */
  readonly adapters?: boolean | undefined
  /** A step of training takes longer or shorter by it: what a run took is told of those that have it alike. */
  readonly load?: boolean | undefined
}
export type FieldGroup =
  | 'network'
  | 'course'
  | 'pictures'
  | 'captions'
  | 'trigger'
  | 'objective'
  | 'noise'
  | 'validation'
  | 'machine'
  | 'size'
  | 'sampler'
  | 'picture'
  | 'stack'

declare module 'zod' {
  // `.meta({ … })` takes and gives what is described here.
  interface GlobalMeta extends OptionMeta {
    readonly description?: string | undefined
  }
}

/** The same field without its default: for whoever leaves it out it is found out. Help tells it still, or `fallback`. */
export const leftOpen = <T extends z.ZodType>(
  field: z.ZodDefault<T>,
  fallback = field.def.defaultValue as string | number,
): z.ZodOptional<T> =>
  field
    .unwrap()
    .optional()
    .meta({ ...field.meta(), fallback })

/** The same field with another default. */
export const withDefault = <T extends z.ZodType>(field: z.ZodDefault<T>, value: z.util.NoUndefined<z.output<T>>): z.ZodDefault<T> =>
  field
    .unwrap()
    .default(value)
    .meta(field.meta() ?? {})
