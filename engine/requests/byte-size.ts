const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** A number of bytes as a person reads it: `0 B`, `4.2 kB`, `812 MB`. */
export function byteSize(count: number): string {
  const step = Math.min(units.length - 1, count < 1 ? 0 : Math.floor(Math.log10(count) / 3))
  const value = count / 1000 ** step
  return `${step === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[step] ?? 'B'}`
}
