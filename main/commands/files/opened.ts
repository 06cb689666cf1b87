import { none } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'

/** Adapters that the system gave to open since the last call (`menu` tells of more), for `library.import`. */
export const opened = hostCommand({
  input: none,
  async run({ shell, drops }): Promise<{ readonly drop: string } | null> {
    const paths = shell.opened()
    if (paths.length === 0) return null
    const drop = await drops.open()
    drops.refer(drop, paths)
    return { drop }
  },
})
