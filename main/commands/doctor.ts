import { z } from 'zod'
import { dataFolder } from '../places/places.ts'
import { toolsCommand } from '../studio/command.ts'

export const doctor = toolsCommand({
  summary: 'Check this machine: which devices compute correctly, memory, disk, versions.',
  order: 6,
  input: z.object({}),
  run: (tools, _given, watching) => tools.call('doctor', { data: dataFolder() }, watching),
})
