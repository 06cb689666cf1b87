import { z } from 'zod'
import { exportFormats } from '../../engine/requests/adapter-formats.ts'
import { exportFormat } from '../../engine/requests/export.ts'
import { command, described } from '../api/command.ts'
import { exportAdapter as operation } from '../operations/tools/export-adapter.ts'

const folders = exportFormats.filter(({ container }) => container === 'folder').map(({ name }) => name)

const input = described(
  z.object({
    file: z.string().min(1),
    to: exportFormat,
    out: z.string().min(1),
    model: z.string().min(1).optional(),
    precision: z.enum(['fp32', 'fp16', 'bf16']).optional(),
    strip: z.boolean().default(false),
    title: z.string().max(200).optional(),
    author: z.string().max(200).optional(),
    licence: z.string().max(200).optional(),
    cover: z.string().min(1).optional(),
  }),
  {
    file: ['FILE', 'adapter: a .safetensors file, or a PEFT or diffusers folder'],
    to: exportFormats.map(({ name, use }) => `${name} for ${use}`).join('; '),
    out: ['PATH', `file ending in .safetensors, or a folder (${folders.join(', ')}: always a folder)`],
    model: ['PATH', 'base model of the adapter (default: the embedded one or the published architecture that fits)'],
    precision: 'how the weights are stored (default: as they are)',
    strip: 'leave out all metadata that loading does not need',
    title: 'what the file calls itself',
    author: 'who made it',
    licence: 'under what others may use it',
    cover: ['FILE', 'picture that the file shows of itself'],
  },
)

export const exportAdapter = command({
  name: 'export',
  summary: 'Write an adapter in the format of another program, and prove it by reading it back.',
  input,
  positional: 'file',
  run: (context, given, signal) => operation(given, { signal, emit: context.emit, onNotify: () => undefined }),
})
