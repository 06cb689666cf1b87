// Differential output preservation, as in ai-toolkit's SDTrainer: on captions without what is learnt, the network is to predict what it predicted
// before. It needs no pictures of the class. Prior: "Learning without Forgetting", Li and Hoiem 2016 (arXiv 1606.09282).
import { z } from 'zod'
import { replaceTrigger } from '../../adapters/triggers.ts'
import { PigmentError } from '../../requests/error.ts'
import type { Preservation } from './preservation.ts'

const options = z.object({
  preserve: z
    .number()
    .min(0)
    .max(100)
    .default(1)
    .meta({ description: 'how much keeping counts beside learning; 0 keeps nothing', step: 0.25 }),
  preserveShare: z.number().positive().max(1).default(1).meta({
    description: 'kept rows, as a share of the pictures of a micro-batch (at least one): each takes a little more time than a picture',
    step: 0.25,
  }),
  neutralShare: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .meta({ description: 'share of the kept rows with a neutral caption; the others have their own, without the trigger word', step: 0.1 }),
  classWord: z
    .string()
    .max(80)
    .default('')
    .meta({ description: 'what the trigger word is one of, such as "person": it takes its place in captions that are kept' }),
  neutral: z
    .string()
    .max(4000)
    .default('')
    .meta({ description: 'neutral captions in place of the general ones, with | between: what this model is asked for otherwise' }),
})

/** Captions that say nothing of a style or a subject of one's own; the empty one is what guidance draws against. */
export const neutralCaptions = [
  '',
  'a photo of a person',
  'a portrait of a woman',
  'a man in a street',
  'a cat',
  'a dog on the grass',
  'a house',
  'a tree in a field',
  'a car on a road',
  'a cup on a table',
  'a landscape with mountains',
  'the sea at sunset',
  'a city at night',
  'a drawing of a flower',
  'a painting of a bird',
  'a bowl of fruit',
] as const

export const output: Preservation<typeof options> = {
  name: 'output',
  title: 'Output preservation',
  sentence:
    'Holds the answers to neutral captions where they were, and needs no pictures for it: choose it where the model loses what it knew. Steps take longer.',
  options,
  kept({ trigger = '' }, { preserve: weight, preserveShare: share, neutralShare, classWord, neutral: given }) {
    if (classWord !== '' && trigger.trim() === '')
      throw new PigmentError(
        'preserve-trigger',
        `classWord "${classWord}" takes the place of the trigger word, and there is none. Give --trigger, or leave classWord out.`,
        { classWord },
      )
    if (weight === 0) return {}
    const all = given.trim() === '' ? neutralCaptions : given.split('|').map((caption) => caption.trim())
    const neutral = (drawn: number): string => all[Math.min(all.length - 1, Math.floor(drawn * all.length))] ?? ''
    const own = (caption: string): string => replaceTrigger(caption, trigger.trim(), classWord)
    // A caption that stays as it is would be pulled back from what it is to learn.
    const differs = (caption: string): boolean => own(caption) !== caption
    return {
      predictions: {
        weight,
        share,
        caption: (of, drawn) =>
          drawn < neutralShare || !differs(of)
            ? neutral(drawn < neutralShare ? drawn / neutralShare : (drawn - neutralShare) / (1 - neutralShare))
            : own(of),
        captions: (of) => [...new Set([...all, ...of.filter(differs).map(own)])],
      },
    }
  },
  metadata: () => ({}),
}
