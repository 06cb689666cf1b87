import type { Licence } from '../../api/methods/app.ts'
import { none } from '../../api/shapes.ts'
import { packageFolder } from '../../places/package.ts'
import { hostCommand } from '../../studio/command.ts'
import { licencesOf } from '../../studio/licences.ts'

export const licences = hostCommand({
  input: none,
  run: (): Promise<readonly Licence[]> => licencesOf(packageFolder),
})
