import { z } from 'zod'
import { zeroTerminalSnr } from '../../engine/requests/objective-fields.ts'
import { vaeChoice } from '../../engine/requests/vae.ts'

/** The fields of every command that opens a model. */
export const modelFields = {
  model: z.string().min(1).optional().meta({
    description: 'checkpoint: a .safetensors file or a diffusers folder',
    placeholder: 'PATH',
    fallback: 'the embedded model',
  }),
  prediction: z.enum(['epsilon', 'v_prediction']).optional().meta({
    description: 'what the UNet predicts, where you know better than the file',
  }),
  tokenizer: z.string().min(1).optional().meta({
    description: "folder with vocab.json and merges.txt, or tokenizer.json, where a single file's vocabulary is not that of CLIP",
    placeholder: 'DIR',
  }),
  scheduler: z.string().min(1).optional().meta({
    description: "scheduler_config.json with the noise schedule, which a single file does not tell; in place of a folder's own",
    placeholder: 'FILE',
  }),
  zeroTerminalSnr,
  vae: vaeChoice,
}
