// Written by build/write-indexes.ts; do not edit. What a merged model can be written as.
import type { ModelFormat } from './model-format.ts'
import { checkpoint } from './checkpoint.ts'
import { onnx } from './onnx.ts'

export const modelFormats: readonly ModelFormat[] = [checkpoint, onnx]
