// The options of every captioner, by name: flags of one command, and fields of one request.
import type { z } from 'zod'
import { captioners } from './kinds/index.ts'

type Fields = Readonly<Record<string, z.ZodType>>

/** Every field has a default. */
export const captionerFields: Fields = Object.assign({}, ...captioners.map(({ options }) => options.shape as Fields)) as Fields
