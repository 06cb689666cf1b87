// Written by build/write-indexes.ts; do not edit. One program that reads adapters a file.
import type { AdapterReader } from './reader.ts'
import { a1111 } from './a1111.ts'
import { civitai } from './civitai.ts'
import { comfyui } from './comfyui.ts'
import { diffusers } from './diffusers.ts'
import { forge } from './forge.ts'
import { lycoris } from './lycoris.ts'
import { peft } from './peft.ts'

export const adapterReaders: readonly AdapterReader[] = [a1111, civitai, comfyui, diffusers, forge, lycoris, peft]
