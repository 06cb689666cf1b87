import { z } from 'zod'
import { exportFormats } from '../../engine/requests/adapter-formats.ts'
import { asLora, exportFormat } from '../../engine/requests/export.ts'
import { toolsCommand } from '../studio/command.ts'

const folders = exportFormats.filter(({ container }) => container === 'folder').map(({ name }) => name)

export const exportAdapter = toolsCommand({
  summary: 'Write an adapter in the format of another program, and prove it by reading it back.',
  order: 3,
  input: z.object({
    file: z.string().min(1).meta({
      description: 'adapter: a .safetensors file, a PEFT or diffusers folder, or the .run folder of a training that was stopped',
      placeholder: 'FILE',
    }),
    to: exportFormat.meta({ description: exportFormats.map(({ name, use }) => `${name} for ${use}`).join('; ') }),
    out: z
      .string()
      .min(1)
      .meta({ description: `file ending in .safetensors, or a folder (${folders.join(', ')}: always a folder)`, placeholder: 'PATH' }),
    model: z.string().min(1).optional().meta({
      description: 'base model of the adapter (default: the embedded one or the published architecture that fits)',
      placeholder: 'PATH',
    }),
    precision: z.enum(['fp32', 'fp16', 'bf16']).optional().meta({ description: 'how the weights are stored (default: as they are)' }),
    asLora: z
      .boolean()
      .default(false)
      .meta({ description: 'make it a plain LoRA first, for programs that know no other; how near is told' }),
    rank: asLora.shape.rank.meta({
      description: 'rank of that LoRA',
      placeholder: 'R',
      fallback: 'of each layer its own, and --extra-rank',
    }),
    energy: asLora.shape.energy.meta({ description: 'or the least rank that keeps this share of the squared norm', placeholder: 'SHARE' }),
    extraRank: asLora.shape.extraRank.meta({
      description: 'ranks beside those of a layer, for magnitudes and rotations',
      placeholder: 'K',
      fallback: '16',
    }),
    check: z
      .boolean()
      .default(false)
      .meta({ description: 'say what other programs make of the file; fails where one that it is for loses layers' }),
    showMetadata: z
      .boolean()
      .default(false)
      .meta({ description: 'write nothing: say every field that would be in the file, and what it may tell of you' }),
    leaveOut: z
      .array(z.string().min(1))
      .default([])
      .meta({ description: 'field that shall not be in the file; can be given several times', placeholder: 'KEY' }),
    strip: z.boolean().default(false).meta({ description: 'leave out all metadata that loading does not need' }),
    title: z.string().max(200).optional().meta({ description: 'what the file calls itself' }),
    author: z.string().max(200).optional().meta({ description: 'who made it' }),
    licence: z.string().max(200).optional().meta({ description: 'under what others may use it' }),
    cover: z.string().min(1).optional().meta({ description: 'picture that the file shows of itself', placeholder: 'FILE' }),
  }),
  positional: 'file',
  // Gigabytes go to a slow disk and are read back.
  async run(tools, { asLora: converts, rank, energy, extraRank, showMetadata, ...given }, watching) {
    const wanted = converts || (rank ?? energy ?? extraRank) !== undefined ? { asLora: { rank, energy, extraRank } } : {}
    const patient = { ...watching, patience: 2 * 60 * 60_000 }
    if (!showMetadata) return await tools.call('exportAdapter', { ...given, ...wanted }, patient)
    const { out: _out, check: _check, ...asked } = given
    return await tools.call('previewExport', { ...asked, ...wanted }, patient)
  },
})
