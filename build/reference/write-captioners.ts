// The tiny captioners of tests and the pictures that they are asked about, for captioners.py: node build/run.mjs build/reference/write-captioners.ts DIR
import { join } from 'node:path'
import { writeDescriber, writePictures, writeTagger } from '../../engine/captioning/testing-models.ts'

const folder = process.argv[2]
if (!folder) throw new Error('Name a folder to write to.')
await writeTagger(join(folder, 'tagger'))
await writeDescriber(join(folder, 'blip'), 'blip')
await writeDescriber(join(folder, 'merged'), 'merged')
await writePictures(join(folder, 'pictures'))
