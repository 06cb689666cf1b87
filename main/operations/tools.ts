// What the `tools` process does: everything that opens files of strangers.
import { pictureTools } from './picture-tools.ts'
import { adapterTools } from './adapter-tools.ts'
import { modelTools } from './model-tools.ts'

export const toolHandlers = { ...pictureTools, ...adapterTools, ...modelTools }
export type ToolHandlers = typeof toolHandlers
