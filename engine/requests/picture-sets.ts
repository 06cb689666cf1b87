// Further sets of pictures beside the first: several folders in one run, each with repeats, size and captions of its own.
import { z } from 'zod'
import { leftOpen } from './option.ts'
import { captionDropout, captionFields, captionPolicy, flip, resolution, trigger } from './picture-fields.ts'

/** How often the pictures of a folder are seen in an epoch, beside what the names of its folders say (`10_name`). */
export const repeats = z.int().min(1).max(10_000).default(1).meta({
  description: 'times that each picture is seen in an epoch; the repeats of folders such as 10_name are multiplied by it',
  placeholder: 'N',
  group: 'pictures',
  step: 1,
})

/** What a set may have of its own; what it does not say is that of the run. */
const own = {
  resolution,
  flip: leftOpen(flip),
  captionDropout: leftOpen(captionDropout),
  captionPolicy: leftOpen(captionPolicy),
  trigger,
  captionDropoutEveryEpochs: leftOpen(captionFields.captionDropoutEveryEpochs),
  shuffleCaption: leftOpen(captionFields.shuffleCaption),
  keepTokens: leftOpen(captionFields.keepTokens),
  keepTokensSeparator: captionFields.keepTokensSeparator,
  captionTagDropout: leftOpen(captionFields.captionTagDropout),
  captionSeparator: leftOpen(captionFields.captionSeparator),
  secondarySeparator: captionFields.secondarySeparator,
  captionPrefix: captionFields.captionPrefix,
  captionSuffix: captionFields.captionSuffix,
  tokenWarmupMin: leftOpen(captionFields.tokenWarmupMin),
  tokenWarmupSteps: leftOpen(captionFields.tokenWarmupSteps),
}

export const pictureSet = z.strictObject({
  folder: z.string().min(1).meta({ description: 'folder of pictures with their captions', placeholder: 'DIR', path: 'folder' }),
  repeats,
  weight: z.number().positive().max(100).default(1).meta({
    description: 'how much its pictures count in the loss, beside those of the first set',
    placeholder: 'W',
    step: 0.1,
  }),
  /** sd-scripts `is_reg`. */
  classPictures: z.boolean().default(false).meta({
    description: 'its pictures are of the class, without what is learnt (regularisation): they count as --preservation pictures says',
  }),
  /** OneTrainer has masked training by run alone, sd-scripts by subset. */
  masked: z.boolean().optional().meta({
    description: 'whether the masks of the run count for its pictures; false: they are learnt whole',
    fallback: 'as --masked-loss says',
  }),
  ...own,
})
export type PictureSet = z.output<typeof pictureSet>

export const setFields = {
  repeats,
  sets: z.array(pictureSet).min(1).max(64).optional().meta({
    description: 'further folders of pictures, each with repeats, size and captions of its own where it has them',
    placeholder: 'DIR',
    fallback: 'the first folder alone',
  }),
}
