// Filters learned without labels: patches whitened, then spherical k-means (Coates & Ng 2012), the whitening folded into the filters.
import { patch } from '../../main/operations/style-score.ts'
import { normal, type Random } from '../pretrain/data/random.ts'

const width = patch.values
const regularise = 0.02

/** Eigenvalues and eigenvectors (rows) of a symmetric matrix by Jacobi rotations. */
export function symmetricEigen(matrix: Float64Array, n: number): { values: Float64Array; vectors: Float64Array } {
  const a = matrix.slice()
  const v = Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0))
  for (let sweep = 0; sweep < 12; sweep++)
    for (let p = 0; p < n; p++)
      for (let q = p + 1; q < n; q++) {
        const apq = a[p * n + q] ?? 0
        if (Math.abs(apq) < 1e-12) continue
        const theta = ((a[q * n + q] ?? 0) - (a[p * n + p] ?? 0)) / (2 * apq)
        const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1))
        const c = 1 / Math.sqrt(t * t + 1)
        const s = t * c
        for (let k = 0; k < n; k++) rotate(a, k * n + p, k * n + q, c, s)
        for (let k = 0; k < n; k++) rotate(a, p * n + k, q * n + k, c, s)
        for (let k = 0; k < n; k++) rotate(v, p * n + k, q * n + k, c, s)
      }
  return { values: Float64Array.from({ length: n }, (_, i) => a[i * n + i] ?? 0), vectors: v }
}

function rotate(m: Float64Array, i: number, j: number, c: number, s: number): void {
  const [x, y] = [m[i] ?? 0, m[j] ?? 0]
  m[i] = c * x - s * y
  m[j] = s * x + c * y
}

/** ZCA whitening of the patches (rows of 75): the symmetric matrix and the mean. */
function whitening(patches: readonly Float32Array[]): { matrix: Float64Array; mean: Float64Array } {
  const mean = new Float64Array(width)
  for (const values of patches) for (let k = 0; k < width; k++) mean[k] = (mean[k] ?? 0) + (values[k] ?? 0) / patches.length
  const covariance = new Float64Array(width * width)
  for (const values of patches)
    for (let i = 0; i < width; i++) {
      const x = ((values[i] ?? 0) - (mean[i] ?? 0)) / patches.length
      for (let j = 0; j < width; j++) covariance[i * width + j] = (covariance[i * width + j] ?? 0) + x * ((values[j] ?? 0) - (mean[j] ?? 0))
    }
  const { values, vectors } = symmetricEigen(covariance, width)
  const matrix = new Float64Array(width * width)
  for (let e = 0; e < width; e++) {
    const gain = 1 / Math.sqrt((values[e] ?? 0) + regularise)
    for (let i = 0; i < width; i++)
      for (let j = 0; j < width; j++)
        matrix[i * width + j] = (matrix[i * width + j] ?? 0) + gain * (vectors[e * width + i] ?? 0) * (vectors[e * width + j] ?? 0)
  }
  return { matrix, mean }
}

function unit(values: Float32Array): Float32Array {
  const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0)) || 1
  return values.map((value) => value / length)
}

/** `count` filters and their offsets. */
export function learnFilters(
  patches: readonly Float32Array[],
  count: number,
  random: Random,
): { filters: Float32Array; offsets: Float32Array } {
  const { matrix, mean } = whitening(patches)
  const white = patches.map((values) => {
    const out = new Float32Array(width)
    for (let i = 0; i < width; i++)
      for (let j = 0; j < width; j++) out[i] = (out[i] ?? 0) + (matrix[i * width + j] ?? 0) * ((values[j] ?? 0) - (mean[j] ?? 0))
    return out
  })
  let centres = Array.from({ length: count }, () => unit(Float32Array.from({ length: width }, () => normal(random))))
  for (let round = 0; round < 10; round++) {
    const sums = centres.map((centre) => centre.slice())
    for (const values of white) {
      let [best, dot] = [0, 0]
      for (const [f, centre] of centres.entries()) {
        let product = 0
        for (let k = 0; k < width; k++) product += (centre[k] ?? 0) * (values[k] ?? 0)
        if (Math.abs(product) > Math.abs(dot)) [best, dot] = [f, product]
      }
      const sum = sums[best]
      if (sum) for (let k = 0; k < width; k++) sum[k] = (sum[k] ?? 0) + dot * (values[k] ?? 0)
    }
    centres = sums.map(unit)
  }
  const filters = new Float32Array(count * width)
  const offsets = new Float32Array(count)
  for (const [f, centre] of centres.entries())
    for (let j = 0; j < width; j++) {
      let value = 0
      for (let i = 0; i < width; i++) value += (centre[i] ?? 0) * (matrix[i * width + j] ?? 0)
      filters[f * width + j] = value
      offsets[f] = (offsets[f] ?? 0) + value * (mean[j] ?? 0)
    }
  return { filters, offsets }
}
