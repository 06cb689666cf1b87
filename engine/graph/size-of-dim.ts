// A symbolic dimension as a number, once its symbols are.
import type { Dim, Shape } from './dims.ts'

export type Sizes = Readonly<Record<string, number>>

/** Undefined where the text names a symbol of which nothing is known. */
export function sizeOfDim(dim: Dim, sizes: Sizes): number | undefined {
  if (typeof dim === 'number') return dim
  const tokens = dim.match(/\d+|[A-Za-z_]\w*|[-+*/()⌊⌋]/g) ?? []
  if (tokens.join('') !== dim) return undefined
  let at = 0
  const sum = (): number => {
    let value = product()
    while (tokens[at] === '+' || tokens[at] === '-') value += tokens[at++] === '+' ? product() : -product()
    return value
  }
  const product = (): number => {
    let value = factor()
    while (tokens[at] === '*' || tokens[at] === '/') value = tokens[at++] === '*' ? value * factor() : value / factor()
    return value
  }
  const factor = (): number => {
    const token = tokens[at++] ?? ''
    if (token === '-') return -factor()
    if (token !== '(' && token !== '⌊') return /^\d/.test(token) ? Number(token) : (sizes[token] ?? NaN)
    const inner = sum()
    at++ // the closing bracket
    return token === '(' ? inner : Math.floor(inner)
  }
  const size = sum()
  return Number.isFinite(size) && at === tokens.length ? size : undefined
}

/** Elements of a shape; undefined where one dimension is. */
export function elementsOf(shape: Shape, sizes: Sizes): number | undefined {
  return shape.reduce<number | undefined>((product, dim) => {
    const size = sizeOfDim(dim, sizes)
    return product === undefined || size === undefined ? undefined : product * size
  }, 1)
}
