// What a page remembered as JSON, whatever became of it since.
export function recordIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/** A text in it, or an empty one. */
export const textIn = (record: Readonly<Record<string, unknown>>, key: string): string => {
  const value = record[key]
  return typeof value === 'string' ? value : ''
}
