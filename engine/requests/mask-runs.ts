// A mask of two values as the lengths of its runs, row by row: those that stay and those that are drawn anew in turn, beginning with what stays.
export function runsOf(data: ArrayLike<number>, from = 128): number[] {
  const runs: number[] = []
  let [length, on] = [0, false]
  for (let i = 0; i < data.length; i++) {
    if ((data[i] ?? 0) >= from !== on) {
      runs.push(length)
      length = 0
      on = !on
    }
    length++
  }
  return [...runs, length]
}

/** 255 where it is drawn anew, 0 where it stays. What the runs lack stays. */
export function fromRuns(runs: readonly number[], size: number): Uint8Array {
  const data = new Uint8Array(size)
  let at = 0
  for (const [i, length] of runs.entries()) {
    if (i % 2 === 1) data.fill(255, at, at + length)
    at += length
  }
  return data
}
