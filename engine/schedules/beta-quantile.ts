// Quantiles of the beta distribution, as scipy.stats.beta.ppf has them.

/** The x in [0, 1] below which a share `p` of Beta(a, b) lies. */
export function betaQuantile(p: number, a: number, b: number): number {
  if (p <= 0) return 0
  if (p >= 1) return 1
  let [low, high] = [0, 1]
  // The share rises with x: halved until no double lies between.
  for (;;) {
    const middle = (low + high) / 2
    if (middle === low || middle === high) return middle
    if (betaShare(middle, a, b) < p) low = middle
    else high = middle
  }
}

/** The regularised incomplete beta function I_x(a, b), by its continued fraction on the side where this converges fast (DLMF 8.17.22). */
function betaShare(x: number, a: number, b: number): number {
  if (x > (a + 1) / (a + b + 2)) return 1 - betaShare(1 - x, b, a)
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b)) / a
  return front * fraction(x, a, b)
}

/** 1/(1 + d₁/(1 + d₂/(1 + …))) by Lentz' method. */
function fraction(x: number, a: number, b: number): number {
  const tiny = Number.MIN_VALUE / Number.EPSILON
  const away = (value: number): number => (Math.abs(value) < tiny ? tiny : value)
  let [c, d] = [1, 1 / away(1 - ((a + b) * x) / (a + 1))]
  let value = d
  for (let m = 1; m <= 1000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / away(1 + even * d)
    c = away(1 + even / c)
    value *= c * d
    d = 1 / away(1 + odd * d)
    c = away(1 + odd / c)
    const change = c * d
    value *= change
    if (Math.abs(change - 1) < 4 * Number.EPSILON) break
  }
  return value
}

/** ln Γ(x) for x > 0: Stirling's series, from 10 on (DLMF 5.11.1). */
function logGamma(x: number): number {
  let [at, shift] = [x, 0]
  for (; at < 10; at++) shift += Math.log(at)
  const inverse = 1 / (at * at)
  const series = (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse * (1 / 1680 - inverse / 1188)))) / at
  return (at - 0.5) * Math.log(at) - at + Math.log(2 * Math.PI) / 2 + series - shift
}
