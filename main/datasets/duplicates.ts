// Groups of pictures that look alike.
const alike = 4

/** Numbers of groups by id; a picture that is like no other is in none. Links of links are one group. */
export function groupAlike(hashes: readonly (readonly [id: string, hash: string])[]): Map<string, number> {
  const parent = hashes.map((_, i) => i)
  const root = (i: number): number => {
    while (parent[i] !== i) i = parent[i] = parent[parent[i] as number] as number
    return i
  }
  const halves = hashes.map(([, hash]) => [parseInt(hash.slice(0, 8), 16), parseInt(hash.slice(8), 16)] as const)
  for (let i = 0; i < halves.length; i++)
    for (let j = i + 1; j < halves.length; j++) {
      const [a, b] = [halves[i], halves[j]]
      if (a && b && ones(a[0] ^ b[0]) + ones(a[1] ^ b[1]) <= alike) parent[root(j)] = root(i)
    }
  const sizes = new Map<number, number>()
  for (let i = 0; i < hashes.length; i++) sizes.set(root(i), (sizes.get(root(i)) ?? 0) + 1)
  const numbers = new Map<number, number>()
  const groups = new Map<string, number>()
  for (const [i, [id]] of hashes.entries()) {
    const own = root(i)
    if ((sizes.get(own) ?? 0) < 2) continue
    if (!numbers.has(own)) numbers.set(own, numbers.size + 1)
    groups.set(id, numbers.get(own) as number)
  }
  return groups
}

function ones(bits: number): number {
  bits -= (bits >>> 1) & 0x55555555
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333)
  return (((bits + (bits >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24
}
