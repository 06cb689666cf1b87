// What a recipe may say: the request, the model that it is for, and where the adapter goes.
import { z } from 'zod'
import { trainRequest } from '../../engine/requests/train.ts'
import { modelFields } from '../api/model-fields.ts'
import { sampleFields } from './sample-fields.ts'

/** What a recipe may say of a run, beside the request. */
export const runFields = {
  ...modelFields,
  out: z.string().min(1).meta({
    description: 'the adapter, a .safetensors file; checkpoints lie beside it in a folder of the same name ending in .run until it is done',
    placeholder: 'FILE',
  }),
  forgetting: z.int().min(0).max(1_000_000).optional().meta({
    description:
      'measure what the model forgets every N steps, and at the end (0: only then): draws 8 neutral prompts with and without the adapter; kept beside it as .forgetting.json and .forgetting.png',
    placeholder: 'N',
  }),
  ...sampleFields,
  precision: z.enum(['fp32', 'fp16', 'bf16']).default('fp32').meta({ description: 'how the weights are stored' }),
  continue: z.string().min(1).optional().meta({
    description:
      'adapter that is trained further, in place of a fresh one; it tells --variant, --rank, --alpha and --layers unless they are given',
    placeholder: 'FILE',
  }),
}
/** All that a recipe may say, its options as it has them. */
export const recipeFields = z.object({ ...trainRequest.shape, ...runFields })
