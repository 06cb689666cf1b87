// Families whose pictures are (almost) the same in some style are one family: a held-out picture must not have been seen under another name.

interface Drawn {
  readonly style: string
  readonly family: string
  readonly picture: { readonly rgb: Uint8Array }
}

/** Mean difference of a channel, of 255, below which two pictures count as the same. */
export const alikeBelow = 2.5

/** Family → the name of the joined family it belongs to (its first member in alphabetical order). */
export function joinAlike(items: readonly Drawn[]): Map<string, string> {
  const parent = new Map(items.map(({ family }) => [family, family]))
  const root = (family: string): string => {
    let at = family
    while (parent.get(at) !== at) at = parent.get(at) ?? at
    return at
  }
  for (const style of new Set(items.map((item) => item.style))) {
    const drawn = items.filter((item) => item.style === style).map((item) => ({ ...item, mean: sum(item.picture.rgb) }))
    drawn.sort((a, b) => a.mean - b.mean)
    for (const [i, a] of drawn.entries())
      for (let j = i + 1; j < drawn.length; j++) {
        const b = drawn[j]
        // Sums further apart than the limit allows cannot belong to alike pictures, and the list is sorted by sum.
        if (!b || b.mean - a.mean > alikeBelow * a.picture.rgb.length) break
        if (a.family !== b.family && alike(a.picture.rgb, b.picture.rgb)) {
          const [first, second] = [root(a.family), root(b.family)].sort()
          if (first !== undefined && second !== undefined) parent.set(second, first)
        }
      }
  }
  return new Map([...parent.keys()].map((family) => [family, root(family)]))
}

function sum(values: Uint8Array): number {
  let total = 0
  for (const value of values) total += value
  return total
}

function alike(a: Uint8Array, b: Uint8Array): boolean {
  const limit = alikeBelow * a.length
  let difference = 0
  for (let i = 0; i < a.length; i++) {
    difference += Math.abs((a[i] ?? 0) - (b[i] ?? 0))
    if (difference > limit) return false
  }
  return true
}
