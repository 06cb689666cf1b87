import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const packageFile = fileURLToPath(new URL('../../package.json', import.meta.url))

/** The folder that holds the program. */
export const packageFolder = dirname(packageFile)

export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string }
  return version
}
