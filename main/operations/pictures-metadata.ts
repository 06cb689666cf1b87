// How captions were shown, in sd-scripts' keys; the recipe in the file has the rest. What is as usual is not told, so that files of usual runs stay as
// they are.
import type { TrainRequest } from '../../engine/requests/train.ts'

export function picturesMetadata(request: TrainRequest): Record<string, string> {
  const { maxNorm, captionDropoutEveryEpochs: everyEpochs, shuffleCaption, keepTokens, captionTagDropout } = request
  return {
    ...(maxNorm === undefined ? {} : { ss_scale_weight_norms: String(maxNorm) }),
    ...(everyEpochs > 0 ? { ss_caption_dropout_every_n_epochs: String(everyEpochs) } : {}),
    ...(shuffleCaption ? { ss_shuffle_caption: 'True' } : {}),
    ...(keepTokens > 0 ? { ss_keep_tokens: String(keepTokens) } : {}),
    ...(captionTagDropout > 0 ? { ss_caption_tag_dropout_rate: String(captionTagDropout) } : {}),
  }
}
