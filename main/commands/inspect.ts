import { z } from 'zod'
import { command, described } from '../api/command.ts'
import { inspect as operation } from '../operations/tools/inspect.ts'

const input = described(z.object({ file: z.string().min(1), model: z.string().min(1).optional() }), {
  file: ['FILE', 'checkpoint, adapter, picture, or folder of pictures'],
  model: ['PATH', 'base model for an adapter, or the model whose buckets a dataset is sorted into (default: the embedded one)'],
})

export const inspect = command({
  name: 'inspect',
  summary: 'Say what a file or folder is and what is in it: checkpoint, adapter, picture or dataset.',
  input,
  positional: 'file',
  run: (_context, given, signal) => operation(given, { signal }),
})
