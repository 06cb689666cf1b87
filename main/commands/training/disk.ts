import type { RunOnDisk } from '../../api/methods/training.ts'
import { none } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'
import { runsOnDisk } from '../../studio/run-disk.ts'

/** What each run takes on the disk, with its checkpoints and samples, and its sheet of samples where it has one. */
export const disk = hostCommand({
  input: none,
  run: (studio): Promise<readonly RunOnDisk[]> => runsOnDisk(studio),
})
