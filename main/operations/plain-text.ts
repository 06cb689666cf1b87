// The words of a stranger's HTML: tags are gone, blocks are lines, and what a page would run or hide is not there. Shown as text only.

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' }
/** Begins with a letter, a slash or `!`: "a < b" is none. */
const tag = /<(?:\/?[a-z][^<>]*|!--[^]*?--|![^<>]*)>/gi

export function plainText(html: string): string {
  return html
    .replace(/<(script|style|template|iframe)\b[^<>]*>[^]*?<\/\1\s*>/gi, '')
    .replace(/<(br|\/p|\/div|\/li|\/h[1-6]|\/tr|hr)\b[^<>]*>/gi, '\n')
    .replace(/<li\b[^<>]*>/gi, '• ')
    .replace(tag, '')
    .replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]{2,6});/gi, (whole, name: string) => entity(name) ?? whole)
    .replace(/[ \t\u00a0]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

function entity(name: string): string | undefined {
  if (!name.startsWith('#')) return named[name.toLowerCase()]
  const code = /^#x/i.test(name) ? parseInt(name.slice(2), 16) : Number(name.slice(1))
  return code > 0x10ffff || code < 32 || (code >= 0xd800 && code < 0xe000) ? '' : String.fromCodePoint(code)
}
