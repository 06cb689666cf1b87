// A network with one hidden layer, trained by AdamW on features: enough to tell styles apart, quick enough to train on the spot.
import { normal, seededRandom, shuffled } from '../pretrain/data/random.ts'

export interface Example {
  readonly x: Float32Array
  readonly label: number
  readonly weight: number
}

export interface Layers {
  readonly hidden: Float32Array
  readonly hiddenBias: Float32Array
  readonly output: Float32Array
  readonly outputBias: Float32Array
}

interface Settings {
  readonly hidden: number
  readonly labels: number
  readonly epochs: number
  readonly batch: number
  readonly rate: number
  readonly decay: number
  /** Share of inputs left out at random. */
  readonly drop: number
  readonly seed: number
}

/** Trains on weighted cross-entropy with label smoothing; the rate falls along a cosine. */
export function trainNetwork(examples: readonly Example[], s: Settings): Layers {
  const random = seededRandom(s.seed)
  const width = examples[0]?.x.length ?? 0
  const start = (count: number, fanIn: number): Float32Array =>
    Float32Array.from({ length: count }, () => normal(random) * Math.sqrt(2 / fanIn))
  const net: Layers = {
    hidden: start(s.hidden * width, width),
    hiddenBias: new Float32Array(s.hidden),
    output: start(s.labels * s.hidden, s.hidden),
    outputBias: new Float32Array(s.labels),
  }
  const parts = [net.hidden, net.hiddenBias, net.output, net.outputBias]
  const gradients = parts.map((part) => new Float32Array(part.length))
  const moments = parts.map((part) => [new Float32Array(part.length), new Float32Array(part.length)] as const)
  const [dHidden, dHiddenBias, dOutput, dOutputBias] = gradients as [Float32Array, Float32Array, Float32Array, Float32Array]
  const steps = s.epochs * Math.ceil(examples.length / s.batch)
  const x = new Float32Array(width)
  const h = new Float32Array(s.hidden)
  let step = 0
  for (let epoch = 0; epoch < s.epochs; epoch++) {
    const order = shuffled(examples, random)
    for (let from = 0; from < order.length; from += s.batch) {
      for (const gradient of gradients) gradient.fill(0)
      for (const example of order.slice(from, from + s.batch)) {
        for (let k = 0; k < width; k++) x[k] = random() < s.drop ? 0 : (example.x[k] ?? 0) / (1 - s.drop)
        for (let j = 0; j < s.hidden; j++) {
          let sum = net.hiddenBias[j] ?? 0
          for (let k = 0, at = j * width; k < width; k++) sum += (net.hidden[at + k] ?? 0) * (x[k] ?? 0)
          h[j] = Math.max(0, sum)
        }
        const slope = outputSlopes(net, h, example, s.labels)
        for (let j = 0; j < s.hidden; j++) {
          let back = 0
          for (let l = 0; l < s.labels; l++) {
            back += (slope[l] ?? 0) * (net.output[l * s.hidden + j] ?? 0)
            dOutput[l * s.hidden + j] = (dOutput[l * s.hidden + j] ?? 0) + (slope[l] ?? 0) * (h[j] ?? 0)
          }
          if ((h[j] ?? 0) <= 0) continue
          dHiddenBias[j] = (dHiddenBias[j] ?? 0) + back
          for (let k = 0, at = j * width; k < width; k++) dHidden[at + k] = (dHidden[at + k] ?? 0) + back * (x[k] ?? 0)
        }
        for (let l = 0; l < s.labels; l++) dOutputBias[l] = (dOutputBias[l] ?? 0) + (slope[l] ?? 0)
      }
      step++
      const rate = s.rate * (0.5 + 0.5 * Math.cos((Math.PI * step) / steps))
      for (const [i, part] of parts.entries()) {
        const [m, v] = moments[i] ?? []
        if (!m || !v) continue
        const g = gradients[i]
        for (let k = 0; k < part.length; k++) {
          const slope = (g?.[k] ?? 0) / s.batch
          m[k] = 0.9 * (m[k] ?? 0) + 0.1 * slope
          v[k] = 0.99 * (v[k] ?? 0) + 0.01 * slope * slope
          const move = (m[k] ?? 0) / (1 - 0.9 ** step) / (Math.sqrt((v[k] ?? 0) / (1 - 0.99 ** step)) + 1e-8)
          part[k] = (part[k] ?? 0) * (1 - rate * s.decay) - rate * move
        }
      }
    }
  }
  return net
}

function outputSlopes(net: Layers, h: Float32Array, { label, weight }: Example, labels: number): Float32Array {
  const scores = net.outputBias.map((bias, l) => {
    let sum = bias
    for (let j = 0; j < h.length; j++) sum += (net.output[l * h.length + j] ?? 0) * (h[j] ?? 0)
    return sum
  })
  const top = Math.max(...scores)
  const powers = scores.map((score) => Math.exp(score - top))
  const total = powers.reduce((a, b) => a + b, 0)
  return powers.map((power, l) => weight * (power / total - (l === label ? 0.95 : 0) - 0.05 / labels))
}
