// Written by build/write-indexes.ts; do not edit. Where models and adapters come from, one place a file.
import type { FetchSource } from '../plan.ts'
import { anyLink } from './any-link.ts'
import { civitai } from './civitai.ts'
import { huggingFace } from './hugging-face.ts'

export const fetchSources: readonly FetchSource[] = [anyLink, civitai, huggingFace]
