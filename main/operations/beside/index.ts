// Written by build/write-indexes.ts; do not edit. What other programs write beside an adapter's file, one kind a file; the first's word counts.
import type { BesideFormat } from './beside.ts'
import { civitaiInfo } from './civitai-info.ts'
import { loraManager } from './lora-manager.ts'
import { stabilityMatrix } from './stability-matrix.ts'
import { swarmJson } from './swarm-json.ts'
import { webuiJson } from './webui-json.ts'

export const besideFormats: readonly BesideFormat[] = [civitaiInfo, loraManager, stabilityMatrix, swarmJson, webuiJson]
