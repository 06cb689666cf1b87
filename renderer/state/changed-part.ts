/** Two texts as what they begin and end with alike, and what differs between; only whole words differ. */
export function changedPart(
  before: string,
  after: string,
): { readonly start: string; readonly was: string; readonly is: string; readonly end: string } {
  const [a, b] = [before.split(/(?<=[\s,])|(?=[\s,])/), after.split(/(?<=[\s,])|(?=[\s,])/)]
  const shorter = Math.min(a.length, b.length)
  let head = 0
  while (head < shorter && a[head] === b[head]) head++
  let tail = 0
  while (tail < shorter - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++
  const middle = (parts: readonly string[]): string => parts.slice(head, parts.length - tail).join('')
  return { start: a.slice(0, head).join(''), was: middle(a), is: middle(b), end: tail === 0 ? '' : a.slice(-tail).join('') }
}
