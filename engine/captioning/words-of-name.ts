// The words in the name of a file or folder.

/** Names that devices and programs give, which say nothing of the picture. */
const meaningless =
  /^(img|image|images|dsc|dscn|dscf|dcim|pxl|mvimg|vid|photo|picture|pic|screenshot|screen shot|snapshot|untitled|download|unnamed|wa|file|scan)$/i
/** Of checksums and identifiers. */
const coded = /^(?=.*\d)([0-9a-f]{16,}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i

/** `003_red_fox-running (2)` says “red fox running”; what counts pictures or comes from a camera says nothing. */
export function wordsOfName(name: string): string {
  if (coded.test(name)) return ''
  const words = name
    .replace(/\(\d+\)|\bcopy\b/gi, ' ')
    .replace(/[_\-+.]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  const bare = words.replace(/^(\d+\s+)+/, '').replace(/(\s+\d+)+$/, '')
  return /^\d*$/.test(bare) || meaningless.test(bare.replace(/\d+$/, '').trim()) ? '' : bare
}
