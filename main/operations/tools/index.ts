// Written by build/write-indexes.ts; do not edit. What the process does that opens files of strangers: calls into it are typed by this.
import { adaptedSizes } from './adapted-sizes.ts'
import { averageAdapters } from './average-adapters.ts'
import { bake } from './bake.ts'
import { caption } from './caption.ts'
import { clash } from './clash.ts'
import { convertPrecision } from './convert-precision.ts'
import { countPromptTokens } from './count-prompt-tokens.ts'
import { crop } from './crop.ts'
import { cudaState } from './cuda-state.ts'
import { doctor } from './doctor.ts'
import { editCaptions } from './edit-captions.ts'
import { exportAdapter } from './export-adapter.ts'
import { extractAdapter } from './extract-adapter.ts'
import { gridSheet } from './grid-sheet.ts'
import { hashAdapter } from './hash-adapter.ts'
import { inspect } from './inspect.ts'
import { inspectAdapter } from './inspect-adapter.ts'
import { inspectModel } from './inspect-model.ts'
import { installCuda } from './install-cuda.ts'
import { listModels } from './list-models.ts'
import { look } from './look.ts'
import { machine } from './machine.ts'
import { maskRuns } from './mask-runs.ts'
import { measure } from './measure.ts'
import { memoryVerdict } from './memory-verdict.ts'
import { mergeAdapters } from './merge-adapters.ts'
import { modelMemory } from './model-memory.ts'
import { optimizedModels } from './optimized-models.ts'
import { pictureExtent } from './picture-extent.ts'
import { previewExport } from './preview-export.ts'
import { readBeside } from './read-beside.ts'
import { readRecipe } from './read-recipe.ts'
import { recall } from './recall.ts'
import { recommend } from './recommend.ts'
import { removeCuda } from './remove-cuda.ts'
import { skimAdapter } from './skim-adapter.ts'
import { skimModel } from './skim-model.ts'
import { sliceAdapter } from './slice-adapter.ts'
import { thumbnail } from './thumbnail.ts'
import { trainingMemory } from './training-memory.ts'

export const toolOperations = {
  adaptedSizes,
  averageAdapters,
  bake,
  caption,
  clash,
  convertPrecision,
  countPromptTokens,
  crop,
  cudaState,
  doctor,
  editCaptions,
  exportAdapter,
  extractAdapter,
  gridSheet,
  hashAdapter,
  inspect,
  inspectAdapter,
  inspectModel,
  installCuda,
  listModels,
  look,
  machine,
  maskRuns,
  measure,
  memoryVerdict,
  mergeAdapters,
  modelMemory,
  optimizedModels,
  pictureExtent,
  previewExport,
  readBeside,
  readRecipe,
  recall,
  recommend,
  removeCuda,
  skimAdapter,
  skimModel,
  sliceAdapter,
  thumbnail,
  trainingMemory,
}
export type ToolOperations = typeof toolOperations
