// The options of every captioner, by name: flags of one command, and fields of one request.
import type { z } from 'zod'
import { captioners } from './kinds/index.ts'

type Fields = Readonly<Record<string, z.ZodType>>

/** Every field has a default. */
export const captionerFields: Fields = Object.assign({}, ...captioners.map(({ options }) => options.shape as Fields)) as Fields

/** Those among `given` that a captioner has. */
export const ownOptions = (options: z.ZodObject, given: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(given).filter(([key, value]) => key in options.shape && value !== undefined))
