// A program whose settings of a training run are read: which files are its own, and what becomes of each of its options.
import type { z } from 'zod'
import type { ImportReport } from '../api/methods/recipe.ts'
import type { RecipeValues } from './read-recipe.ts'

export interface ForeignFile {
  readonly name: string
  readonly text: string
}

export interface Imported {
  readonly values: RecipeValues
  readonly report: ImportReport
}

export interface RecipeImporter {
  readonly name: string
  readonly title: string
  /** Whether it is one of the files that its settings lie in. */
  recognises(file: ForeignFile): boolean
  /** Of all its files together. `schema` has the fields that there are here: what is in none of them is told. */
  read(files: readonly ForeignFile[], schema: z.ZodObject): Imported
}
