import type { CaptionWay } from '../../api/methods/captioning.ts'
import { none } from '../../api/shapes.ts'
import { captionWays } from '../../studio/caption-ways.ts'
import { hostCommand } from '../../studio/command.ts'

/** Every way to captions: those that need no model, and the folders of captioners that are known. */
export const list = hostCommand({ input: none, run: (studio): Promise<readonly CaptionWay[]> => captionWays(studio) })
