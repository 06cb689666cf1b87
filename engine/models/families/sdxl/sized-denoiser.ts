// SDXL hears more than the text's states: the second encoder's pooled text, and six numbers that say how large the picture was, where it was cut
// and how large it is drawn (Podell et al. 2023, arXiv 2307.01952, section 2.2; diffusers' `text_time`). N batch, P width of the pooled text.
import { concat, reshape } from '../../../graph/math.ts'
import { heardAs, textDenoiser, type Denoiser } from '../../denoiser.ts'
import { sinusoid } from '../../sinusoid.ts'

export const sizedDenoiser: Denoiser = {
  fault({ addedCondition: added }, textEncoders) {
    if (!added) return 'the UNet has no added condition, which two text encoders call for.'
    const pooled = textEncoders.at(-1)?.projection
    if (pooled === undefined) return 'the second text encoder has no text_projection, which makes the pooled text.'
    if (added.inputDim === pooled + 6 * added.timeEmbedDim) return undefined
    return `the added condition takes ${added.inputDim} values, but pooled text and six numbers make ${pooled} + 6·${added.timeEmbedDim}.`
  },

  open(graph, config, heard = {}) {
    const { timeEmbedDim = 0, inputDim = 0 } = config.addedCondition ?? {}
    const text = textDenoiser.open(graph, config, heard)
    const pooled = heardAs(graph, heard, 'pooled', ['N', inputDim - 6 * timeEmbedDim])
    const ids = heardAs(graph, heard, 'time_ids', ['N', 6])
    const sizes = () => reshape(sinusoid(reshape(ids, [-1]), timeEmbedDim), [-1, 6 * timeEmbedDim]) // (N, 6·256)
    return { ...text, added: () => concat([pooled, sizes()], -1) } // (N, P + 6·256)
  },

  feeds({ pooled, ...text }, sizes) {
    const ids = sizes.flatMap(({ original, drawn }) => [original.height, original.width, 0, 0, drawn.height, drawn.width])
    const time_ids = { shape: [sizes.length, 6], data: Float32Array.from(ids) }
    return { ...textDenoiser.feeds(text, sizes), ...(pooled ? { pooled } : {}), time_ids }
  },
}
