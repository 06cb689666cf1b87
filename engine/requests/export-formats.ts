// Written by build/write-indexes.ts; do not edit. What an adapter can be exported in, the usual format first.
export const exportFormats = [
  { name: 'kohya', container: 'file', use: 'A1111, Forge and ComfyUI' },
  { name: 'diffusers', container: 'file', use: 'pytorch_lora_weights.safetensors' },
  { name: 'peft', container: 'folder', use: 'a folder with adapter_config.json' },
] as const
