// Written by build/write-indexes.ts; do not edit. The programs whose models are found, one a file.
import type { ModelProgram } from './program.ts'
import { a1111 } from './a1111.ts'
import { comfyui } from './comfyui.ts'
import { forge } from './forge.ts'
import { huggingFace } from './hugging-face.ts'
import { invokeai } from './invokeai.ts'
import { stabilityMatrix } from './stability-matrix.ts'

export const programs: readonly ModelProgram[] = [a1111, comfyui, forge, huggingFace, invokeai, stabilityMatrix]
