// How the pictures of a run and their captions are seen. A further set of pictures may have these of its own.
import { z } from 'zod'
import type {} from './option.ts'

export const resolution = z.int().min(32).max(4096).optional().meta({
  description: 'side of the square whose area the buckets have',
  placeholder: 'PX',
  fallback: 'the usual size of the model',
  group: 'pictures',
  unit: 'px',
  step: 64,
  load: true,
})

export const flip = z.boolean().default(false).meta({ description: 'show every picture mirrored too', group: 'pictures' })

export const captionDropout = z.number().min(0).max(1).default(0.05).meta({
  description: 'share of pictures that are shown without their caption',
  placeholder: 'P',
  group: 'captions',
  unit: 'share',
  step: 0.01,
})

export const captionPolicy = z.enum(['error', 'folder-name', 'empty']).default('error').meta({
  description: 'a picture without a caption: cannot be used (see --bad-pictures), takes the name of its folder, or has an empty one',
  group: 'captions',
})

/** It goes into the metadata too. */
export const trigger = z.string().optional().meta({
  description: 'word that calls the style; it goes before every caption that lacks it, and takes the place of [trigger]',
  placeholder: 'WORD',
  group: 'captions',
  level: 'basic',
})

/** sd-scripts' options of a subset, by their names there. */
export const captionFields = {
  captionDropoutEveryEpochs: z.int().min(0).default(0).meta({
    description: 'every so many-th epoch is shown without captions; 0: none',
    placeholder: 'N',
    group: 'captions',
    step: 1,
  }),
  shuffleCaption: z.boolean().default(false).meta({
    description: 'the tags of a caption come in another order each time it is shown; the text encoder stays in memory for it',
    group: 'captions',
  }),
  keepTokens: z.int().min(0).max(100).default(0).meta({
    description: 'so many tags at the start of a caption keep their place and are never left out: 1 for the trigger word',
    placeholder: 'N',
    group: 'captions',
    step: 1,
  }),
  keepTokensSeparator: z.string().min(1).max(20).optional().meta({
    description: 'mark in captions, e.g. |||: what stands before it keeps its place, and so does what stands behind a second one',
    placeholder: 'MARK',
    fallback: 'none, see keep-tokens',
    group: 'captions',
  }),
  captionTagDropout: z.number().min(0).max(1).default(0).meta({
    description: 'share of the tags that are left out each time a caption is shown; the text encoder stays in memory for it',
    placeholder: 'P',
    group: 'captions',
    unit: 'share',
    step: 0.05,
  }),
  captionSeparator: z.string().min(1).max(20).default(',').meta({
    description: 'what stands between the tags of a caption',
    placeholder: 'MARK',
    group: 'captions',
  }),
  secondarySeparator: z.string().min(1).max(20).optional().meta({
    description: 'stands for the separator inside a tag, e.g. ;;;, so that what belongs together stays together',
    placeholder: 'MARK',
    fallback: 'none',
    group: 'captions',
  }),
  captionPrefix: z.string().min(1).max(400).optional().meta({
    description: 'words before every caption; [trigger] stands for the trigger word',
    placeholder: 'TEXT',
    fallback: 'nothing',
    group: 'captions',
  }),
  captionSuffix: z.string().min(1).max(400).optional().meta({
    description: 'words behind every caption; [trigger] stands for the trigger word',
    placeholder: 'TEXT',
    fallback: 'nothing',
    group: 'captions',
  }),
  tokenWarmupMin: z.int().min(1).max(100).default(1).meta({
    description: 'tags that a caption begins the run with, beside those that keep their place, where they come in one by one',
    placeholder: 'N',
    group: 'captions',
    step: 1,
  }),
  tokenWarmupSteps: z.int().min(0).default(0).meta({
    description: 'steps in which the tags of captions come in one by one, from the start of each; 0: all are there at once',
    placeholder: 'N',
    group: 'captions',
    unit: 'steps',
    step: 50,
  }),
}
