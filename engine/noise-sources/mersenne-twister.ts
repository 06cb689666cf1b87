// MT19937 (Matsumoto & Nishimura 1998) as torch seeds it: by the low 32 bits.
const [N, M] = [624, 397]

/** Words of 32 bits, one after the other. */
export function mersenneTwister(seed: number): () => number {
  const state = new Uint32Array(N)
  state[0] = Number(BigInt.asUintN(32, BigInt(seed)))
  for (let i = 1; i < N; i++) {
    const before = state[i - 1] ?? 0
    state[i] = Math.imul(1812433253, before ^ (before >>> 30)) + i
  }
  let next = N
  return () => {
    if (next === N) {
      twist(state)
      next = 0
    }
    let y = state[next++] ?? 0
    y ^= y >>> 11
    y ^= (y << 7) & 0x9d2c5680
    y ^= (y << 15) & 0xefc60000
    return (y ^ (y >>> 18)) >>> 0
  }
}

function twist(state: Uint32Array): void {
  for (let k = 0; k < N; k++) {
    const y = ((state[k] ?? 0) & 0x80000000) | ((state[(k + 1) % N] ?? 0) & 0x7fffffff)
    state[k] = (state[(k + M) % N] ?? 0) ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0)
  }
}
