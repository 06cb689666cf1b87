// Pictures that a run of the terminal draws as it goes, and steps that it keeps: what a recipe, and the command line, may say of them.
import { z } from 'zod'

const mostPrompts = 8

export const sampleFields = {
  samplePrompt: z.array(z.string().min(1).max(2000)).min(1).max(mostPrompts).optional().meta({
    description:
      'draws this as it trains, each time from the same noise; can be given several times. Pictures lie in NAME.samples beside the adapter, all of them on the sheet NAME.proof.png. [trigger] stands for the trigger',
    placeholder: 'TEXT',
    fallback: 'none',
  }),
  sampleEvery: z.int().min(1).max(1_000_000).optional().meta({
    description: 'steps between samples; also before the first step and after the last one',
    placeholder: 'N',
    fallback: 'a sixth of the run; 50 where a clock ends it',
  }),
  keepEvery: z.int().min(1).max(1_000_000).optional().meta({
    description:
      'keeps the adapter of every N-th step in NAME.steps, to choose another one afterwards, or to average them (`pigment average NAME.safetensors --width 0.1`)',
    placeholder: 'N',
    fallback: 'only the last one',
  }),
  sampleSeed: z
    .int()
    .min(0)
    .optional()
    .meta({ description: 'seed of the first sample, the next ones following it', placeholder: 'S', fallback: 0 }),
  sampleSteps: z.int().min(1).max(100).optional().meta({ description: 'steps of each sample', placeholder: 'N', fallback: 12 }),
}
