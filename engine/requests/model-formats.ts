// Written by build/write-indexes.ts; do not edit. What a merged model can be written as.
export const modelForms = [
  { name: 'checkpoint', use: 'a checkpoint in the layout of its base: one file, or a diffusers folder' },
  { name: 'onnx', use: 'the UNet as an ONNX model, with inputs as diffusers and optimum name them' },
] as const
