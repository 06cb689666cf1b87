// What a change costs in time: two commits side by side, each in a tree of its own. `npm run bench -- commits BEFORE..AFTER`; POSIX only.
// A step of a LoRA and a sampling step are taken in turn, a step of this commit and a step of that; the studio is opened in turn.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { steppedInTurn, type Pair } from './alternate.ts'
import { median } from './bench.ts'
import { openFirstScreen, type Opening } from './first-screen.ts'

const root = join(import.meta.dirname, '../..')
const program = process.env.PIGMENT_CHROMIUM ?? '/usr/bin/chromium'
const openings = 9
const named = (process.argv[2] ?? '').split('..').filter((name) => name !== '')

const git = (...args: readonly string[]): string => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim()
const commit = (name: string): string => git('rev-parse', '--verify', `${name}^{commit}`)
const [before, after] = [commit(named[0] ?? 'HEAD~1'), commit(named[1] ?? 'HEAD')]
const say = (what: string, pairs: readonly Pair[]): void => {
  const [old, now] = [0, 1].map((side) => median(pairs.map((pair) => pair[side] ?? NaN))) as [number, number]
  const ratio = median(pairs.map(([one, other]) => other / one))
  const ms = (value: number): string => `${value.toFixed(1)} ms`.padStart(14)
  console.log(`${what.padEnd(40)}${ms(old)}${ms(now)}${ratio.toFixed(3).padStart(9)}${String(pairs.length).padStart(7)}`)
}

const folder = mkdtempSync(join(tmpdir(), 'pigment-commits-'))
const trees = [before, after].map((_, i) => join(folder, String(i))) as [string, string]
try {
  for (const [i, one] of [before, after].entries()) makeTree(trees[i] ?? '', one)
  console.log(`before: ${git('log', '-1', '--format=%h %s', before)}\nafter:  ${git('log', '-1', '--format=%h %s', after)}`)
  console.log(`${''.padEnd(40)}${'before'.padStart(14)}${'after'.padStart(14)}${'ratio'.padStart(9)}${'pairs'.padStart(7)}`)
  say('LoRA step, rank 8, batch 4', await steppedInTurn(trees, training, { count: 60, warm: 3 }))
  say('sampling step, guided, usual size', await steppedInTurn(trees, drawing, { count: 200, warm: 5 }))
  if (existsSync(program)) await screens()
  else console.log(`no Chromium at ${program}: the studio is not opened`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** A commit with the node_modules of this tree, or with its own where the lockfile is another. */
function makeTree(tree: string, commit: string): void {
  mkdirSync(tree)
  const archive = execFileSync('git', ['archive', commit], { cwd: root, maxBuffer: 2 ** 31 })
  execFileSync('tar', ['-x', '-C', tree], { input: archive })
  const lock = (of: string): string => readFileSync(join(of, 'package-lock.json'), 'utf8')
  if (lock(tree) === lock(root)) symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'))
  else execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: tree, stdio: ['ignore', 2, 2] })
}

function training(side: string): string[] {
  const given = { rank: 8, alpha: 8, batch: 4, steps: 1000, 'checkpoint-every': 0, out: join(folder, `${side}.safetensors`) }
  return [
    'train',
    '--dataset',
    join(root, 'assets/samples/black-ink'),
    ...Object.entries(given).flatMap(([name, value]) => [`--${name}`, String(value)]),
  ]
}

function drawing(side: string): string[] {
  return ['generate', '--prompt', 'a red apple', '--steps', '900', '--out', join(folder, `${side}.png`)]
}

async function screens(): Promise<void> {
  const browser = await chromium.launch({ executablePath: program, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] })
  try {
    const pairs: [Opening, Opening][] = []
    // The first builds the pages, and fills the system's cache of files.
    for (let i = -1; i < openings; i++) {
      const order = i % 2 === 0 ? [0, 1] : [1, 0]
      const told: Opening[] = []
      for (const side of order) told[side] = await openFirstScreen(browser, trees[side] ?? '', mkdtempSync(join(folder, 'home-')))
      if (i >= 0) pairs.push(told as [Opening, Opening])
    }
    const of = (what: string, span: (opening: Opening) => number): void =>
      say(
        what,
        pairs.map(([one, other]) => [span(one), span(other)] as const),
      )
    of('studio: process to its link', ({ link }) => link)
    of('studio: link to the first screen', ({ link, screen }) => screen - link)
    of('studio: process to the first screen', ({ screen }) => screen)
  } finally {
    await browser.close()
  }
}
