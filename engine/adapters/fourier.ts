// Discrete Fourier transforms of any length that small primes make, and of two dimensions where most of the spectrum is nothing.

interface Complex {
  readonly re: Float64Array
  readonly im: Float64Array
}
const zeros = (n: number): Complex => ({ re: new Float64Array(n), im: new Float64Array(n) })

const smallestFactor = (n: number): number => {
  for (let p = 2; p * p <= n; p++) if (n % p === 0) return p
  return n
}

/** Σ_k x_k · exp(+2πi·jk / n), not divided by n: Cooley and Tukey's, by the smallest factor first. */
export function inverseTransform(x: Complex): Complex {
  const n = x.re.length
  const p = smallestFactor(n)
  if (n < 2) return x
  const m = n / p
  const parts = Array.from({ length: p }, (_, r) => {
    const part = zeros(m)
    for (let k = 0; k < m; k++) [part.re[k], part.im[k]] = [x.re[k * p + r] ?? 0, x.im[k * p + r] ?? 0]
    return m === 1 ? part : inverseTransform(part)
  })
  const [cos, sin] = circle(n)
  const out = zeros(n)
  for (let j = 0; j < n; j++) {
    let [re, im] = [0, 0]
    for (const [r, part] of parts.entries()) {
      const turn = (j * r) % n
      const [a, b, c, s] = [part.re[j % m] ?? 0, part.im[j % m] ?? 0, cos[turn] ?? 0, sin[turn] ?? 0]
      re += a * c - b * s
      im += a * s + b * c
    }
    ;[out.re[j], out.im[j]] = [re, im]
  }
  return out
}

const circles = new Map<number, readonly [cos: Float64Array, sin: Float64Array]>()

/** cos and sin of 2πj / n. */
export function circle(n: number): readonly [cos: Float64Array, sin: Float64Array] {
  const known = circles.get(n)
  if (known) return known
  const angles = Float64Array.from({ length: n }, (_, j) => (2 * Math.PI * j) / n)
  const made = [angles.map(Math.cos), angles.map(Math.sin)] as const
  circles.set(n, made)
  return made
}

/** Rows of a spectrum that are not nothing, each transformed along itself: Σ_q c_pq · exp(2πi·iq / I) by p, (I). */
export function transformedRows(
  values: readonly (readonly [row: number, column: number, value: number])[],
  columns: number,
): Map<number, Complex> {
  const rows = new Map<number, Complex>()
  for (const [row, column, value] of values) {
    const known = rows.get(row) ?? zeros(columns)
    known.re[column] = (known.re[column] ?? 0) + value
    rows.set(row, known)
  }
  return new Map([...rows].map(([row, spectrum]) => [row, inverseTransform(spectrum)]))
}

/** The real part of the whole, (O, I), of rows that were transformed along themselves. */
export function realSum(rows: ReadonlyMap<number, Complex>, outputs: number, columns: number): Float32Array {
  const out = new Float32Array(outputs * columns)
  for (let i = 0; i < columns; i++) {
    const column = zeros(outputs)
    for (const [p, { re, im }] of rows) [column.re[p], column.im[p]] = [re[i] ?? 0, im[i] ?? 0]
    const { re } = inverseTransform(column)
    for (let o = 0; o < outputs; o++) out[o * columns + i] = re[o] ?? 0
  }
  return out
}
