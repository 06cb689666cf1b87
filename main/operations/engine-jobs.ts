// What the `engine` process does. Everything that needs the runtime is loaded with the first job.
import { drawGrid, drawPictures } from './draw.ts'
import { trainWithSamples } from './train-with-samples.ts'

export const engineHandlers = { train: trainWithSamples, draw: drawPictures, grid: drawGrid }
