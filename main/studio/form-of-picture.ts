// The form of a picture of the gallery, without what is gone since it was drawn.
import type { Recalled } from '../api/methods/generate.ts'
import type { StoredPicture } from '../stores/gallery.ts'
import type { Library } from '../stores/library.ts'
import { conditionsHere } from './recalled-conditions.ts'
import { optionsHere } from './recalled-options.ts'

export function formOfPicture(
  { form, asked, adapters, model: modelName }: Pick<StoredPicture, 'form' | 'asked' | 'adapters' | 'model'>,
  library: Pick<Library, 'byName'>,
  here: { readonly adapters: readonly { readonly id: string }[]; readonly models: readonly { readonly id: string }[] },
): Recalled {
  const { model, stack, conditions: _conditions, ...rest } = form
  const options = optionsHere(form)
  const drawnFrom = conditionsHere(form, true)
  const known = new Set(here.adapters.map(({ id }) => id))
  const modelIsHere = model === undefined || here.models.some(({ id }) => id === model)
  return {
    form: {
      ...rest,
      ...options.fitting,
      ...drawnFrom.fitting,
      stack: stack.filter(({ adapter }) => known.has(adapter)),
      ...(modelIsHere && model !== undefined ? { model } : {}),
    },
    missing: [
      ...options.unfit,
      ...drawnFrom.unfit,
      ...adapters.filter(({ name }) => !library.byName(name)).map(({ name }) => ({ kind: 'adapter' as const, name })),
      ...(modelIsHere ? [] : [{ kind: 'model' as const, name: modelName }]),
    ],
    text: '',
    ...(asked ? { asked } : {}),
  }
}
