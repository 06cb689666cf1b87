// Quantities for a person.

/** `0.42 s`, `9.1 s`, `4:35`, `1:02:09`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–'
  if (seconds < 60) return `${seconds.toFixed(seconds < 1 ? 2 : 1)} s`
  return clock(seconds)
}

/** `0:07`, `4:35`, `1:02:09`. */
export function clock(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–'
  const whole = Math.round(seconds)
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const two = (n: number): string => String(n).padStart(2, '0')
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`
}

/** Whole numbers as they are, others with four figures. */
export function quantity(value: number): string {
  if (Number.isInteger(value) || !Number.isFinite(value)) return String(value)
  return String(Number(value.toPrecision(4)))
}

/** Steps a second, or seconds a step where that reads better. */
export function pace(rate: number): string {
  return rate >= 1 || rate <= 0 ? `${quantity(rate)} steps/s` : `${quantity(1 / rate)} s/step`
}
