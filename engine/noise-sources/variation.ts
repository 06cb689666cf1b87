// A1111's variations: the noise of two seeds mixed along the sphere. Source: A1111 modules/rng.py (slerp).
// The angle is that between the columns of a channel: the numbers of one channel and one x, over all y.

/** `low` on the way to `high` by `strength`, both (…, h, w). */
export function slerp(strength: number, low: Float32Array, high: Float32Array, [h = 1, w = 1]: readonly number[]): Float32Array {
  const columns = low.length / h
  const at = (column: number, y: number): number => Math.floor(column / w) * h * w + y * w + (column % w)
  const cosines = Array.from({ length: columns }, (_, column) => {
    let [dot, ofLow, ofHigh] = [0, 0, 0]
    for (let y = 0; y < h; y++) {
      const [a, b] = [low[at(column, y)] ?? 0, high[at(column, y)] ?? 0]
      dot += a * b
      ofLow += a * a
      ofHigh += b * b
    }
    return dot / Math.sqrt(ofLow * ofHigh)
  })
  // Nearly the same: along the line between them, which A1111 walks from the other end.
  const straight = cosines.reduce((sum, cosine) => sum + cosine, 0) / columns > 0.9995
  const out = new Float32Array(low.length)
  cosines.forEach((cosine, column) => {
    const omega = Math.acos(Math.min(1, Math.max(-1, cosine)))
    const sine = Math.sin(omega)
    const [ofLow, ofHigh] = straight
      ? [strength, 1 - strength]
      : sine === 0
        ? [1 - strength, strength]
        : [Math.sin((1 - strength) * omega) / sine, Math.sin(strength * omega) / sine]
    for (let y = 0; y < h; y++) out[at(column, y)] = ofLow * (low[at(column, y)] ?? 0) + ofHigh * (high[at(column, y)] ?? 0)
  })
  return out
}
