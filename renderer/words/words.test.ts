import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'svelte/compiler'
import { expect, test } from 'vitest'
import { en } from './en.ts'
import { fill } from './fill.ts'
import { zhErrors } from './zh-errors.ts'
import { zhReasons } from './zh-reasons.ts'
import { zh } from './zh.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
const slots = (text: string): string[] => [...text.matchAll(/\{(\w+)/g)].map(([, name]) => name ?? '').toSorted()

test('both languages say the same things with the same blanks', () => {
  expect(Object.keys(zh)).toEqual(Object.keys(en))
  for (const key of Object.keys(en) as (keyof typeof en)[]) expect([key, ...slots(zh[key])]).toEqual([key, ...slots(en[key])])
})

test('blanks are filled, and numbers choose their form', () => {
  expect(fill('{n|one picture|# pictures}', { n: 1 })).toBe('one picture')
  expect(fill('{n|one picture|# pictures} of {name}', { n: 1200, name: '$&' })).toBe('1,200 pictures of $&')
})

interface Node {
  readonly type?: string
  readonly data?: string
  readonly name?: string
  readonly [field: string]: unknown
}
const spoken = new Set(['aria-label', 'title', 'placeholder', 'alt', 'aria-valuetext'])
/** Names of languages in themselves, keys of the keyboard, a step up in folders, formats. */
const allowed = /^(English|简体中文|\(?Ctrl\)?)$/

/** Letters that a person would read and that no catalogue holds. */
function literals(node: unknown, found: string[] = []): string[] {
  if (Array.isArray(node)) for (const one of node) literals(one, found)
  else if (node && typeof node === 'object') {
    const { type, data, name } = node as Node
    if (type === 'StyleDirective') return found
    const text = type === 'Text' ? data : undefined
    const words = (text ?? '').trim()
    if (/\p{L}{2,}/u.test(words) && !allowed.test(words)) found.push(words)
    for (const [key, child] of Object.entries(node)) {
      if (['css', 'instance', 'module', 'options', 'comments'].includes(key)) continue
      if (type === 'Attribute' && key === 'value' && !spoken.has(name ?? '')) {
        // Only expressions inside other attributes can hold markup; their texts are classes, addresses, kinds.
        continue
      }
      literals(child, found)
    }
  }
  return found
}

test('no text escapes the catalogues', () => {
  const files = globSync('**/*.svelte', { cwd: root, exclude: ['dist/**'] })
  expect(files.length).toBeGreaterThan(20)
  const escaped = files.flatMap((file) =>
    literals(parse(readFileSync(`${root}${file}`, 'utf8'), { modern: true }).fragment).map((text) => `${file}: ${text}`),
  )
  expect(escaped).toEqual([])
})

test('no screen writes markup from a string', () => {
  for (const file of globSync('**/*.{svelte,ts}', { cwd: root, exclude: ['dist/**', '**/*.test.ts'] }))
    expect(readFileSync(`${root}${file}`, 'utf8')).not.toMatch(/\{@html|innerHTML|javascript:/)
})

/** Codes of the engine's own affairs: a person meets them only through a mistake of ours, in whose details English will do. */
const inner =
  /^(batch-|bucket-options|content-type-|host-refused|method-refused|noise-|not-found|origin-refused|png-keyword|safetensors-write|schedule-impossible|sender-refused|site-refused|timestep-|tokenizer-positions|unet-path-|usage$|op-|graph-|gradient-|loop-body$|seed-invalid$|tensor-shape$|weight-size$)/

test('every error that a person can meet is told in Chinese too', () => {
  const found = new Set<string>()
  for (const file of globSync('{engine,main}/**/*.ts', { cwd: `${root}..` })) {
    if (/\.test\.|testing/.test(file)) continue
    const text = readFileSync(`${root}../${file}`, 'utf8')
    for (const [, thrown, named, part] of text.matchAll(
      /PigmentError\(\s*'([a-z-]+)'|\bcode: '([a-z]+(?:-[a-z]+)+)'|\bfail\('([a-z-]+)'/g,
    )) {
      // The header's reasons are told under the name of its format.
      const code = thrown ?? named ?? (/header/.test(file) ? `safetensors-${part}` : (part ?? ''))
      if (!inner.test(code)) found.add(code)
    }
  }
  expect(found.size).toBeGreaterThan(80)
  expect([...found].filter((code) => !(code in zhErrors)).toSorted()).toEqual([])
})

test('every reason that is given is told in Chinese, with the same facts', () => {
  const given = new Map<string, string>()
  for (const file of globSync('{engine,main}/**/*.ts', { cwd: `${root}..` })) {
    if (/\.test\.|testing/.test(file)) continue
    const text = readFileSync(`${root}../${file}`, 'utf8')
    for (const [, code = '', single, double] of text.matchAll(/(?<!`)\bbecause\(\s*'([a-z\d-]+)',\s*(?:'([^']*)'|"([^"]*)")/g))
      given.set(code, single ?? double ?? '')
    // What a UNet predicts, and why: the beginning of these sentences is written once.
    for (const [, code = '', why = ''] of text.matchAll(/'(predicts-[a-z]+)',\s*(?:'([^']*)')?/g)) given.set(code, `{what} ${why}`)
  }
  expect(given.size).toBeGreaterThan(25)
  expect([...given.keys()].filter((code) => !(code in zhReasons))).toEqual([])
  expect(Object.keys(zhReasons).filter((code) => !given.has(code))).toEqual([])
  for (const [code, sentence] of given) expect([code, ...slots(zhReasons[code] ?? '')]).toEqual([code, ...slots(sentence)])
})

/** What went on without a person, or is as they wished. */
const told =
  /^(cancelled|adapter-partly-used|checkpoint-damaged|lora-options|memory-rung(-\w+)?|optimized-not-kept|prompt-syntax|provider-skipped|queue-back|taken|resumed|sample-failed|scheduler-options|tensor-left-out|threads-refused|turn)$/

test('every error says in its title what to do', () => {
  const remedy = /请|可以继续|会自动|须先/
  const silent = (entries: readonly (readonly [string, string])[]) =>
    entries.filter(([code, words]) => !remedy.test(words) && !told.test(code)).map(([code]) => code)
  expect(silent(Object.entries(zhErrors))).toEqual([])
  expect(
    silent(Object.entries(zh).flatMap(([key, words]) => (/^error\.(?!heading)/.test(key) ? [[key.slice(6), words] as const] : []))),
  ).toEqual([])
})
