// Recipes in and out of the form of a training run.
import type { RecipeRead } from '../../main/api/methods/recipe.ts'
import type { DroppedFile } from '../../main/api/transport.ts'
import { t } from '../words/words.svelte.ts'
import { host } from './host.svelte.ts'
import { saveText } from './save-text.ts'
import { train } from './train.svelte.ts'

/** What settings of training are kept in; a .txt holds a command line. */
const endings = /\.(toml|json|sh|bat|cmd|ps1)$/i

class Recipes {
  /** The dialog is shown. */
  asked = $state(false)
  busy = $state(false)
  read = $state.raw<RecipeRead>()

  ask(): void {
    this.read = undefined
    this.asked = true
  }

  /** Whether files that were dropped may be settings. */
  fits = (files: readonly DroppedFile[]): boolean => files.length > 0 && files.every(({ path }) => endings.test(path))

  async take(files: readonly DroppedFile[]): Promise<void> {
    this.asked = true
    this.busy = true
    this.read = await host.attempt(async () => host.api.recipe.read({ drop: await host.api.drop(files) }))
    this.busy = false
  }

  /** What it says of the form's fields; the others are as they were. */
  fill(): void {
    const { name, dataset, sets, model, samples, continueFrom: _run, title: _title, ...values } = this.read?.form ?? {}
    const known = new Set(train.options?.fields.flatMap(({ key, cards }) => (cards ? [key, `${key}Options`] : [key])))
    train.values = Object.fromEntries(Object.entries(values).filter(([key]) => known.has(key)))
    if (name !== undefined) train.name = name
    if (samples?.prompts) train.prompts = samples.prompts.join('\n')
    if (samples?.every) train.every = samples.every
    if (model !== undefined) train.model = model
    if (dataset !== undefined) train.choose(dataset)
    // One that says which pictures says of all.
    if (dataset !== undefined || sets !== undefined) train.takeSets(sets)
    this.asked = false
    host.tell({ text: t('recipe.filled') })
  }

  /** The form as it is now, as a file that a terminal trains by. */
  async save(): Promise<void> {
    const written = await host.attempt(() => host.api.recipe.write({ form: train.form }))
    if (written) saveText(written.name, written.text)
  }
}
export const recipes = new Recipes()
