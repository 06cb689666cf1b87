/** Fills a text of a catalogue: `{name}`, and `{n|one|# many}` chosen by the number n. */
export function fill(text: string, values: Readonly<Record<string, string | number>>, tag = 'en'): string {
  return text.replace(/\{(\w+)(?:\|([^|{}]*)\|([^|{}]*))?\}/g, (_, name: string, one?: string, many?: string) => {
    const value = values[name] ?? ''
    const shown = typeof value === 'number' ? new Intl.NumberFormat(tag).format(value) : value
    if (one === undefined || many === undefined) return shown
    return (new Intl.PluralRules('en').select(Number(value)) === 'one' ? one : many).replaceAll('#', shown)
  })
}
