// Opens the person's browser on the studio, without showing the link's token to anybody else.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Opening {
  readonly folder?: string
  readonly launch?: (command: string, args: readonly string[]) => void
}

/** How long a browser may take until it has read the page. */
const patience = 60_000
/** A browser in a sandbox of its own (a snap) sees neither another's temporary files nor hidden folders. */
const readable = process.platform === 'linux' ? homedir() : tmpdir()

/**
 * The arguments of a process can be read by everybody on the machine (VS Code GHSA-54p6), so they name a page that only this person
 * may read, and that leads on to the link. The returned function removes it, as does time.
 */
export async function openInBrowser(link: string, { folder = readable, launch = start }: Opening = {}): Promise<() => Promise<void>> {
  const file = join(folder, `pigment-open-${randomBytes(6).toString('hex')}.html`)
  const page = `<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer"><title>Pigment</title>
<meta http-equiv="refresh" content="0; url=${link}"><a href="${link}">Pigment</a>
`
  const remove = (): Promise<void> => rm(file, { force: true })
  try {
    await writeFile(file, page, { mode: 0o600, flag: 'wx' })
  } catch {
    // The link was printed: the person can open it.
    return () => Promise.resolve()
  }
  const [command, ...args] = { darwin: ['open'], win32: ['explorer'] }[process.platform as string] ?? ['xdg-open']
  launch(command as string, [...args, file])
  setTimeout(() => void remove(), patience).unref()
  return remove
}

function start(command: string, args: readonly string[]): void {
  const child = spawn(command, [...args], { stdio: 'ignore', detached: true })
  child.on('error', () => undefined)
  child.unref()
}
