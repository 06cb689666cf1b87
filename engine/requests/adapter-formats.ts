// Written by build/write-indexes.ts; do not edit. What adapters are exported in, the usual format first, and the folders that hold them.
import type { AdapterFolder } from './export.ts'

export const exportFormats = [
  { name: 'kohya', container: 'file', use: 'A1111, Forge and ComfyUI' },
  { name: 'diffusers', container: 'file', use: 'pytorch_lora_weights.safetensors' },
  { name: 'ldm', container: 'file', use: 'ComfyUI, in names of the model itself' },
  { name: 'lycoris', container: 'file', use: 'LyCORIS and SimpleTuner' },
  { name: 'peft', container: 'folder', use: 'a folder with adapter_config.json' },
] as const

export const adapterFolders: readonly AdapterFolder[] = [
  {
    file: 'adapter_model.safetensors',
    config: 'adapter_config.json',
    networks: true,
    says: 'PEFT, also in unet/ or text_encoder/',
  },
  { file: 'pytorch_lora_weights.safetensors', says: 'diffusers' },
]
