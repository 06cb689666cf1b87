// Written by build/write-indexes.ts; do not edit. The programs whose settings of training are read, one a file.
import type { RecipeImporter } from '../importer.ts'
import { oneTrainer } from './one-trainer.ts'
import { sdScripts } from './sd-scripts.ts'

export const recipeImporters: readonly RecipeImporter[] = [oneTrainer, sdScripts]
