import { z } from 'zod'
import { PigmentError } from '../../../engine/requests/error.ts'
import { askedPrompts, type Recalled, storedForm } from '../../api/methods/generate.ts'
import { id, source } from '../../api/shapes.ts'
import { readForm } from '../../stores/gallery.ts'
import { hostCommand } from '../../studio/command.ts'
import { formOfPicture } from '../../studio/form-of-picture.ts'
import { keptPictures } from '../../studio/kept-picture.ts'
import { recalledForm } from '../../studio/recall.ts'

/**
 * From a dropped picture, a path, or a picture of the gallery. Throws `picture-silent` when it says nothing, `picture-foreign` when what it says
 * is another program's and cannot be read.
 */
export const recall = hostCommand({
  input: z.union([source, z.strictObject({ picture: id })]),
  async run({ models, library, gallery, drops, tools, places }, from): Promise<Recalled> {
    if ('picture' in from) {
      const [adapters, known] = [library.list(), await models.list()]
      return formOfPicture(gallery.get(from.picture), library, { adapters, models: known })
    }
    const said = await drops.lend(from, async ([path]) => {
      if (!path) throw new PigmentError('drop-unknown', 'Nothing was dropped.', {})
      return tools.call('recall', { path })
    })
    const own = said.form === null ? undefined : storedForm.safeParse(readForm(said.form))
    const kept = await keptPictures(places.inputs)
    if (own?.success) {
      const asked = askedPrompts.safeParse(readForm(said.form ?? '', 'asked')).data
      return recalledForm({ ...said, own: own.data, asked, kept }, library, await models.list())
    }
    if (said.unread) {
      const sentence = `What this picture says of its making is ${said.program === 'JSON' ? 'JSON of a program that is not known here' : `${said.program}'s`}, and it holds no prompt in a form that can be read. Use the picture as it was saved by that program's usual way of making one.`
      throw new PigmentError('picture-foreign', sentence, { program: said.program, text: said.text.slice(0, 2000) })
    }
    if (said.text.trim() === '')
      throw new PigmentError(
        'picture-silent',
        'This picture says nothing of how it was made: its texts were removed, it never had any, or they are not of a kind that is known here.',
        {},
      )
    return recalledForm({ ...said, kept }, library, await models.list())
  },
})
