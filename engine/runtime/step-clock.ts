// How fast steps go, and how long what is left will take.

/**
 * Asked after each step: steps a second over the last ones and the seconds left. The median, so that one slow step does not shake it: the first,
 * which opens what is needed, or one after which a sample was drawn.
 */
export function stepClock(left: number, now: () => number = () => performance.now()): () => { rate: number; eta: number } {
  const recent: number[] = []
  let last = now()
  return () => {
    const at = now()
    recent.push(at - last)
    last = at
    left--
    if (recent.length > 50) recent.shift()
    const median = Math.max(recent.toSorted((a, b) => a - b)[(recent.length - 1) >> 1] ?? 1, 1e-3)
    return { rate: 1000 / median, eta: (left * median) / 1000 }
  }
}
