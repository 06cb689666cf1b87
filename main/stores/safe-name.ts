// Names that every file system takes, and paths that stay where they belong.
import { basename, extname, isAbsolute, relative, resolve, sep } from 'node:path'
import { realpath } from 'node:fs/promises'
import { dirname } from 'node:path'
import { PigmentError } from '../../engine/requests/error.ts'

const reserved = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i
const mostBytes = 200

/** A file name without anything that a system reads as more than a name; Chinese, emoji and spaces stay. */
export function safeName(name: string): string {
  const clean = name
    .normalize('NFC')
    .replace(/[\\/:*?"<>|\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '_')
    .replace(/[. ]+$/, '')
    .replace(/^\.+/, '_')
  const ending = extname(clean).slice(0, 20)
  const short = clip(basename(clean, ending), mostBytes - ending.length) + ending
  return reserved.test(short) ? `_${short}` : short || '_'
}

/** Parts of a relative path from a stranger. Throws `path-refused` where it is anything else. */
export function safeRelative(path: string): string[] {
  const refuse = (why: string): never => {
    throw new PigmentError('path-refused', `The path "${path.slice(0, 200)}" ${why}, so it is not used.`, { path: path.slice(0, 500) })
  }
  if (path === '' || path.length > 2000) refuse('is empty or too long')
  if (path.includes('\0')) refuse('holds a NUL')
  if (isAbsolute(path) || /^[a-z]:|^[\\/]/i.test(path)) refuse('is absolute')
  const parts = path.split(/[\\/]/).filter((part) => part !== '' && part !== '.')
  if (parts.includes('..')) refuse('leaves its folder')
  if (parts.length === 0 || parts.length > 16) refuse('is too deep')
  return parts.map(safeName)
}

/** `part` inside `root`, symbolic links followed. Throws `path-refused`. */
export async function resolveInside(root: string, part: string): Promise<string> {
  const target = resolve(root, ...safeRelative(part))
  const [realRoot, realParent] = await Promise.all([realpath(root), realpath(dirname(target))])
  const way = relative(realRoot, realParent)
  if (way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way))
    throw new PigmentError('path-refused', `"${part}" leads out of "${root}", so it is not used.`, { path: part })
  return target
}

/** At most so many bytes of UTF-8, whole characters only. */
function clip(text: string, bytes: number): string {
  let out = ''
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (Buffer.byteLength(out + segment) > bytes) break
    out += segment
  }
  return out
}
