// What reaches a layer on average, known from the norm that stands before it alone: a GroupNorm gives γz + β with z of mean 0 and variance 1, and the
// SiLU behind it makes of that what the normal distribution makes of it. So for the two convolutions of a resnet; elsewhere nothing is known.
import type { Component } from '../adapters/adapter.ts'
import type { BaseWeight } from '../adapters/term.ts'

/** The norm before a convolution of a UNet's resnet, or undefined for any other layer. */
export function normBefore(component: Component, path: string): string | undefined {
  const [, start, n] = /^(.*\.)?conv([12])$/.exec(path) ?? []
  return component === 'unet' && n !== undefined && start?.includes('resnets.') ? `${start}norm${n}` : undefined
}

/** (I): E[SiLU(γz + β)] with z ~ N(0, 1), by channel. */
export async function meanAfterNorm(norm: BaseWeight): Promise<Float64Array | undefined> {
  const [scale, shift] = await Promise.all([norm.read(), norm.bias?.()])
  if (!shift) return undefined
  return Float64Array.from(scale.data, (gamma, c) => meanSilu(gamma, shift.data[c] ?? 0))
}

/** By the trapezoid rule over six standard deviations to each side, which is exact to 1e-9 for so smooth a function. */
function meanSilu(gamma: number, beta: number): number {
  const step = 0.25
  let [sum, weights] = [0, 0]
  for (let z = -6; z <= 6; z += step) {
    const weight = Math.exp(-z * z * 0.5)
    const x = gamma * z + beta
    sum += (weight * x) / (1 + Math.exp(-x))
    weights += weight
  }
  return sum / weights
}
