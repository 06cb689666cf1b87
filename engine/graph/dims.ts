// Dimensions: numbers, or symbols such as "N" and expressions over them. Symbols are equal when their text is equal.

export type Dim = number | string
export type Shape = readonly Dim[]

/** Product in a canonical spelling, so that "H*W" and "W*H" are one symbol. */
export function multiply(...dims: Dim[]): Dim {
  let factor = 1
  const symbols: string[] = []
  for (const dim of dims) {
    if (typeof dim === 'number') factor *= dim
    else
      for (const part of factorsOf(dim)) {
        if (/^\d+$/.test(part)) factor *= Number(part)
        else symbols.push(part)
      }
  }
  if (symbols.length === 0 || factor === 0) return factor
  symbols.sort()
  return factor === 1 ? symbols.join('*') : [String(factor), ...symbols].join('*')
}

/** Sum in a canonical spelling; numeric parts are folded. */
export function sum(...dims: Dim[]): Dim {
  let constant = 0
  const symbols: string[] = []
  for (const dim of dims) {
    if (typeof dim === 'number') constant += dim
    else symbols.push(dim)
  }
  if (symbols.length === 0) return constant
  symbols.sort()
  if (constant !== 0) symbols.push(String(constant))
  return symbols.length === 1 ? (symbols[0] ?? 0) : `(${symbols.join('+')})`
}

/** ⌊(size + padding − kernel) / stride⌋ + 1: the output side of a window that slides over a padded side. */
export function slide(size: Dim, padding: number, kernel: number, stride: number): Dim {
  if (typeof size === 'number') return Math.floor((size + padding - kernel) / stride) + 1
  const offset = padding - kernel
  if (stride === 1) return sum(size, offset + 1)
  return `⌊(${size}${offset < 0 ? offset : `+${offset}`})/${stride}⌋+1`
}

/** Whether two dimensions may be the same at run time. Only two different numbers certainly differ. */
export function mayEqual(a: Dim, b: Dim): boolean {
  return a === b || typeof a === 'string' || typeof b === 'string'
}

/** The more exact of two dimensions that are known to agree. */
export function unify(a: Dim, b: Dim): Dim {
  return typeof a === 'number' ? a : typeof b === 'number' ? b : a
}

/** NumPy broadcasting, or undefined when the shapes certainly do not fit. */
export function broadcast(a: Shape, b: Shape): Shape | undefined {
  const rank = Math.max(a.length, b.length)
  const out: Dim[] = []
  for (let i = 0; i < rank; i++) {
    const x = a[a.length - rank + i] ?? 1
    const y = b[b.length - rank + i] ?? 1
    if (x === 1) out.push(y)
    else if (y === 1) out.push(x)
    else if (mayEqual(x, y)) out.push(unify(x, y))
    else return undefined
  }
  return out
}

export function showShape(shape: Shape): string {
  return `[${shape.join(', ')}]`
}

/** Axis counted from the end when negative. */
export function axisOf(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis
}

/** What is multiplied in a product; what stands in brackets is one factor. */
export function factorsOf(dim: Dim): string[] {
  const text = String(dim)
  const parts: string[] = []
  let depth = 0
  let start = 0
  let isSum = false
  for (let i = 0; i < text.length; i++) {
    const c = text[i]
    if (c === '(' || c === '⌊') depth++
    else if (c === ')' || c === '⌋') depth--
    else if (c === '*' && depth === 0) {
      parts.push(text.slice(start, i))
      start = i + 1
    } else if (c === '+' && depth === 0) isSum = true
  }
  parts.push(text.slice(start))
  // "⌊…⌋+1" is a sum: as a factor it is one symbol and needs its brackets.
  return isSum ? [`(${text})`] : parts
}
