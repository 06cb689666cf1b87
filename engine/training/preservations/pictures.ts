// Prior preservation, Ruiz et al. 2022 (DreamBooth, arXiv 2208.12242, equation 2), as sd-scripts does it: pictures of the class are seen among the
// others, and count λ times as much.
import { z } from 'zod'
import { PigmentError } from '../../requests/error.ts'
import type { Preservation } from './preservation.ts'

const options = z.object({
  classPictures: z.string().optional(),
  priorWeight: z
    .number()
    .min(0)
    .max(100)
    .default(1)
    .meta({ description: 'λ: how much a picture of the class counts beside one of the set; 0 leaves them out', step: 0.1 }),
})

export const pictures: Preservation<typeof options> = {
  name: 'pictures',
  title: 'Prior preservation',
  sentence:
    'Shows pictures of the class among your own, so that one subject does not become the whole class: choose it for a person or a thing of which you have such pictures.',
  options,
  takesPictures: true,
  kept({ sets = [] }, { classPictures: folder, priorWeight: weight }) {
    if (folder === undefined && !sets.some(({ classPictures }) => classPictures))
      throw new PigmentError(
        'class-pictures-missing',
        'Prior preservation needs pictures of the class. Give their folder (--class-pictures), or choose --preservation output, which needs none.',
        {},
      )
    return weight === 0 ? {} : { pictures: { ...(folder === undefined ? {} : { folder }), weight } }
  },
  metadata: ({ priorWeight }) => ({ ss_prior_loss_weight: String(priorWeight) }),
}
