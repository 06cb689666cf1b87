import { z } from 'zod'
import { command, described } from '../api/command.ts'
import { doctor as operation } from '../operations/tools/doctor.ts'

export const doctor = command({
  name: 'doctor',
  summary: 'Check this machine: which devices compute correctly, memory, disk, versions.',
  input: described(z.object({}), {}),
  run: () => operation(),
})
