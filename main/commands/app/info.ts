import type { AppInfo } from '../../api/methods/app.ts'
import { none } from '../../api/shapes.ts'
import { packageFolder, packageVersion } from '../../places/package.ts'
import { hostCommand } from '../../studio/command.ts'
import { runtimeOf } from '../../studio/licences.ts'

export const info = hostCommand({
  input: none,
  async run({ shell, places, gallery, queue, library }): Promise<AppInfo> {
    const nothing = queue.list().length === 0 && gallery.list().length === 0 && library.list().length === 0
    return {
      version: packageVersion(),
      shell: shell.kind,
      platform: process.platform,
      runtime: await runtimeOf(packageFolder),
      node: process.version,
      firstRun: nothing,
      dataFolder: places.root,
    }
  },
})
