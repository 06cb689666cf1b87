// What a training request says of single layers: which are adapted, with what rank, strength and rate. Part of `trainRequest`.
import { z } from 'zod'
import { readBlockValues, type BlockValues } from './block-values.ts'
import type {} from './option.ts'
import { ownOptions } from './own-options.ts'
import { startNames } from './training-names.ts'

export const adapterFields = {
  layers: z.enum(['attention', 'transformer', 'all']).default('attention').meta({
    description:
      'what is adapted: the attention projections, all of the transformer blocks, or also the convolutions and time projections around them',
    placeholder: 'NAME',
    group: 'network',
    load: true,
  }),
  groups: z.string().min(1).max(200).optional().meta({
    description:
      'groups of layers that are adapted, in place of --layers: self-q, self-k, self-v, self-out, cross-q …, feed-forward, projections, convolutions, samplers, time; q, k, v, out, self, cross for several',
    placeholder: 'NAME,NAME',
    fallback: 'as --layers says',
    group: 'network',
    load: true,
  }),
  /** Of layers that slide a window over the picture; kohya's conv_dim. */
  convRank: z.int().min(1).max(1024).optional().meta({
    description: 'rank of the adapted convolutions (LoCon)',
    placeholder: 'R',
    fallback: 'as --rank says',
    group: 'network',
    step: 1,
    load: true,
  }),
  convAlpha: z.number().positive().optional().meta({
    description: 'alpha of the adapted convolutions',
    placeholder: 'A',
    fallback: 'so that they act as strongly as the others',
    group: 'network',
    step: 1,
  }),
  /** Kalajdzievski 2023, "A rank stabilization scaling factor for fine-tuning with LoRA" (arXiv 2312.03732). */
  rsLora: z.boolean().default(false).meta({
    description: 'rank-stabilised LoRA: the adapter acts with alpha / √rank, so that a higher rank does not learn more slowly',
    group: 'network',
  }),
  blockRanks: z.string().min(1).max(400).optional().meta({
    description: 'ranks by block of the UNet, as IN04=8,OUT=4, or a list of 12, 17, 20 or 26; 0 leaves a block out',
    placeholder: 'BLOCKS',
    fallback: 'as --rank says',
    group: 'network',
    load: true,
  }),
  blockRates: z.string().min(1).max(400).optional().meta({
    description: 'what the learning rate is multiplied by, by block of the UNet, as IN04=0.5,OUT=2; 0 keeps a block as it is',
    placeholder: 'BLOCKS',
    fallback: 'all alike',
    group: 'network',
  }),
  start: z.enum(startNames).optional().meta({
    description: 'what the pairs of a LoRA begin as',
    placeholder: 'NAME',
    fallback: 'standard',
    group: 'network',
  }),
  startOptions: ownOptions.optional().meta({ description: 'an option of the start; can be given several times' }),
  /** Reference: sd-scripts networks/lora.py, LoRAModule.forward. */
  dropout: z.number().min(0).lt(1).optional().meta({
    description: 'share of the numbers between the two matrices of a LoRA that is left out of a step, each by itself',
    placeholder: 'P',
    fallback: 'none',
    group: 'network',
    unit: 'share',
    step: 0.05,
    load: true,
  }),
  rankDropout: z.number().min(0).lt(1).optional().meta({
    description: 'share of the ranks of a LoRA that is left out of a step, of each picture by itself',
    placeholder: 'P',
    fallback: 'none',
    group: 'network',
    unit: 'share',
    step: 0.05,
  }),
  moduleDropout: z.number().min(0).lt(1).optional().meta({
    description: 'share of the layers whose LoRA is left out of a step',
    placeholder: 'P',
    fallback: 'none',
    group: 'network',
    unit: 'share',
    step: 0.05,
  }),
}

/** Throws `block-values`. */
export const readBlockRanks = (text: string): BlockValues =>
  readBlockValues(text, { field: 'blockRanks', least: 0, most: 1024, whole: true })

/** Throws `block-values`. */
export const readBlockRates = (text: string): BlockValues =>
  readBlockValues(text, { field: 'blockRates', least: 0, most: 100, whole: false })
