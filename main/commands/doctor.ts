import { z } from 'zod'
import { toolsCommand } from '../studio/command.ts'

export const doctor = toolsCommand({
  summary: 'Check this machine: which devices compute correctly, memory, disk, versions.',
  order: 6,
  input: z.object({}),
  run: (tools, given, watching) => tools.call('doctor', given, watching),
})
