// Groups of pictures that look alike.

/** Hashes that differ in at most so many bits. */
const alike = 4
/** Two hashes with so few differences agree in one of these stretches of bits: only those that do are compared. */
const bands = [13, 13, 13, 13, 12]

/** Numbers of groups by id; a picture that is like no other is in none. Links of links are one group. */
export function groupAlike(hashes: readonly (readonly [id: string, hash: string])[]): Map<string, number> {
  const unique = [...new Set(hashes.map(([, hash]) => hash))]
  const bits = unique.map((hash) => BigInt(`0x${hash}`))
  const parent = unique.map((_, i) => i)
  const root = (i: number): number => {
    while (parent[i] !== i) i = parent[i] = parent[parent[i] as number] as number
    return i
  }
  let shift = 0n
  for (const width of bands) {
    const agreeing = Map.groupBy(bits.keys(), (i) => ((bits[i] as bigint) >> shift) & ((1n << BigInt(width)) - 1n))
    for (const those of agreeing.values())
      for (const [k, i] of those.entries())
        for (const j of those.slice(k + 1)) if (differences(unique[i] as string, unique[j] as string) <= alike) parent[root(j)] = root(i)
    shift += BigInt(width)
  }
  const place = new Map(unique.map((hash, i) => [hash, i]))
  const rootOf = (hash: string): number => root(place.get(hash) ?? 0)
  const sizes = new Map<number, number>()
  for (const [, hash] of hashes) sizes.set(rootOf(hash), (sizes.get(rootOf(hash)) ?? 0) + 1)
  const numbers = new Map<number, number>()
  const groups = new Map<string, number>()
  for (const [id, hash] of hashes) {
    const own = rootOf(hash)
    if ((sizes.get(own) ?? 0) < 2) continue
    if (!numbers.has(own)) numbers.set(own, numbers.size + 1)
    groups.set(id, numbers.get(own) as number)
  }
  return groups
}

function differences(a: string, b: string): number {
  return ones(parseInt(a.slice(0, 8), 16) ^ parseInt(b.slice(0, 8), 16)) + ones(parseInt(a.slice(8), 16) ^ parseInt(b.slice(8), 16))
}

function ones(bits: number): number {
  bits -= (bits >>> 1) & 0x55555555
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333)
  return (((bits + (bits >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24
}
