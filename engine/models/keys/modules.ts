// The parts of an architecture as a flat list: what a complete checkpoint must hold, and in which shape.

/** One module with a weight, by its dotted diffusers (UNet, VAE) or Hugging Face (CLIP) path. */
export interface ModuleShape {
  readonly path: string
  readonly weight: readonly number[]
  readonly bias: boolean
}

export const linear = (path: string, out: number, into: number, bias = true): ModuleShape => ({ path, weight: [out, into], bias })

export const conv = (path: string, out: number, into: number, kernel: number): ModuleShape => ({
  path,
  weight: [out, into, kernel, kernel],
  bias: true,
})

/** GroupNorm or LayerNorm. */
export const norm = (path: string, channels: number): ModuleShape => ({ path, weight: [channels], bias: true })

/** Every tensor of the modules by its key, `path.weight` before `path.bias`. */
export function tensorShapes(modules: readonly ModuleShape[]): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>()
  for (const { path, weight, bias } of modules) {
    shapes.set(`${path}.weight`, weight)
    if (bias) shapes.set(`${path}.bias`, weight.slice(0, 1))
  }
  return shapes
}
