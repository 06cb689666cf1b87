// A number that is left is one that fits: the nearest to what was typed. A browser would refuse it, in a language of its own.
export interface Limits {
  readonly min: string
  readonly max: string
  readonly step: string
}

/** The text of the nearest number within the limits; a whole step, where the step is a whole number. Nothing typed is the least. */
export function nearest(text: string, { min, max, step }: Limits): string {
  const [least, most, by] = [min === '' ? -Infinity : Number(min), max === '' ? Infinity : Number(max), step === '' ? 1 : Number(step)]
  const typed = text.trim() === '' || Number.isNaN(Number(text)) ? (Number.isFinite(least) ? least : 0) : Number(text)
  const base = Number.isFinite(least) ? least : 0
  const whole = Number.isInteger(by) ? base + Math.round((typed - base) / by) * by : typed
  const top = Number.isInteger(by) && Number.isFinite(most) ? base + Math.floor((most - base) / by) * by : most
  return String(Math.min(top, Math.max(least, whole)))
}

/** An attachment for a field of numbers. */
export function within(field: HTMLInputElement): () => void {
  const settle = (): void => {
    const fits = nearest(field.value, field)
    if (Number(fits) === Number(field.value) && field.value !== '') return
    field.value = fits
    field.dispatchEvent(new Event('input', { bubbles: true }))
  }
  field.addEventListener('change', settle)
  return () => field.removeEventListener('change', settle)
}
