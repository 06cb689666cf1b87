// Written by build/write-indexes.ts; do not edit. What says captions of pictures, one kind a file.
import type { Captioner } from '../captioner.ts'
import { describer } from './describer.ts'
import { fileName } from './file-name.ts'
import { folderName } from './folder-name.ts'
import { tagger } from './tagger.ts'
import { template } from './template.ts'

export const captioners: readonly Captioner[] = [describer, fileName, folderName, tagger, template]
