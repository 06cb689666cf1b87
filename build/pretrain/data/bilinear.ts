/** A picture's values (`size` × `size` × `channels`) between pixels, by bilinear sampling; `outside` is what lies beyond its edges. */
export function bilinear(
  values: Uint8Array | Float32Array,
  { size, channels }: { readonly size: number; readonly channels: number },
  [x, y]: readonly [x: number, y: number],
  channel: number,
  outside: number,
): number {
  const [x0, y0] = [Math.floor(x), Math.floor(y)]
  const [fx, fy] = [x - x0, y - y0]
  const at = (px: number, py: number): number =>
    px < 0 || py < 0 || px >= size || py >= size ? outside : (values[(py * size + px) * channels + channel] ?? outside)
  const row = (py: number): number => at(x0, py) * (1 - fx) + at(x0 + 1, py) * fx
  return row(y0) * (1 - fy) + row(y0 + 1) * fy
}
