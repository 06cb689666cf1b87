import { z } from 'zod'
import { fileKind } from '../../api/methods/files.ts'
import { hostCommand } from '../../studio/command.ts'

/** The system's dialog; null when cancelled. Throws `no-dialog` in a browser: browse there. */
export const choose = hostCommand({
  input: z.strictObject({ kind: fileKind, name: z.string().max(255).optional() }),
  run: ({ shell }, { kind, name }): Promise<readonly string[] | null> => shell.choose(kind, name),
})
