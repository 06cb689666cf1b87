// Patterns of strangers, matched in time linear in pattern and text: every state that the pattern can be in is followed at once (Thompson 1968),
// so that nothing is ever tried again. What PEFT gives to Python's re, without its look-arounds, back-references and flags.

export class PatternError extends Error {}

interface Pattern {
  /** Steps that one character of the text can cost. */
  readonly states: number
  /** Whether it matches to the end, from the start or from behind any dot: PEFT's `(.*\.)?(pattern)$`. */
  readonly matches: (path: string) => boolean
}

type Test = (char: string) => boolean
type Node =
  | { readonly kind: 'char'; readonly test: Test }
  | { readonly kind: 'start' | 'end' }
  | { readonly kind: 'all' | 'any'; readonly of: readonly Node[] }
  | { readonly kind: 'repeat'; readonly of: Node; readonly least: number; readonly most: number }

type State =
  | { readonly kind: 'char'; readonly test: Test; readonly next: number }
  | { readonly kind: 'start' | 'end'; readonly next: number }
  | { readonly kind: 'split'; next: number; other: number }
  | { readonly kind: 'found' }

const limits = { length: 500, repeats: 1000, states: 5000 }

/** Throws PatternError for what is no pattern, is too large, or is none of the kinds of Python's that can be matched so. */
export function linearPattern(source: string): Pattern {
  if (source.length > limits.length) throw new PatternError('it is too long')
  const states: State[] = [{ kind: 'found' }]
  const first = build(parse(source), 0, states)
  return { states: states.length, matches: (path) => run(states, first, path) }
}

function run(states: readonly State[], first: number, path: string): boolean {
  let now = new Set<number>()
  const enter = (into: Set<number>, at: number, from: number): void => {
    const open = [from]
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      const state = states[index]
      if (state === undefined || into.has(index)) continue
      into.add(index)
      if (state.kind === 'split') open.push(state.next, state.other)
      if ((state.kind === 'start' && at === 0) || (state.kind === 'end' && at === path.length)) open.push(state.next)
    }
  }
  for (let at = 0; ; at++) {
    if (at === 0 || path[at - 1] === '.') enter(now, at, first)
    if (at === path.length) return now.has(0)
    const next = new Set<number>()
    for (const index of now) {
      const state = states[index]
      if (state?.kind === 'char' && state.test(path.charAt(at))) enter(next, at + 1, state.next)
    }
    now = next
  }
}

/** Adds the states of a node that goes on to `next`; gives its first. */
function build(node: Node, next: number, states: State[]): number {
  const add = (state: State): number => {
    if (states.length >= limits.states) throw new PatternError('its repetitions are too many')
    return states.push(state) - 1
  }
  switch (node.kind) {
    case 'char':
      return add({ kind: 'char', test: node.test, next })
    case 'start':
    case 'end':
      return add({ kind: node.kind, next })
    case 'all':
      return node.of.reduceRight((after, one) => build(one, after, states), next)
    case 'any':
      return node.of.map((one) => build(one, next, states)).reduce((other, one) => add({ kind: 'split', next: one, other }))
    case 'repeat': {
      let after = next
      if (node.most === Infinity) {
        const loop = add({ kind: 'split', next: 0, other: next })
        const split = states[loop] as State & { kind: 'split' }
        split.next = build(node.of, loop, states)
        after = loop
      } else for (let i = node.least; i < node.most; i++) after = add({ kind: 'split', next: build(node.of, after, states), other: next })
      for (let i = 0; i < node.least; i++) after = build(node.of, after, states)
      return after
    }
  }
}

const word: Test = (char) => /^\w$/.test(char)
const digit: Test = (char) => char >= '0' && char <= '9'
const space: Test = (char) => /^\s$/.test(char)
const not =
  (test: Test): Test =>
  (char) =>
    !test(char)
const classes: Readonly<Record<string, Test>> = { w: word, W: not(word), d: digit, D: not(digit), s: space, S: not(space) }

function parse(source: string): Node {
  let at = 0
  const fail = (what: string): never => {
    throw new PatternError(what)
  }
  const take = (text: string): boolean => {
    if (!source.startsWith(text, at)) return false
    at += text.length
    return true
  }
  const alternatives = (): Node => {
    const of = [sequence()]
    while (take('|')) of.push(sequence())
    return { kind: 'any', of }
  }
  const sequence = (): Node => {
    const of: Node[] = []
    while (at < source.length && source[at] !== '|' && source[at] !== ')') of.push(repeated(atom()))
    return { kind: 'all', of }
  }
  const atom = (): Node => {
    if (take('^')) return { kind: 'start' }
    if (take('$')) return { kind: 'end' }
    if (take('.')) return { kind: 'char', test: () => true }
    if (take('[')) return { kind: 'char', test: set() }
    if (take('(')) {
      if (source[at] === '?' && !take('?:')) fail('only plain groups are understood')
      const inside = alternatives()
      if (!take(')')) fail('a group does not end')
      return inside
    }
    if (/^[*+?{]/.test(source.slice(at))) fail('a repetition of nothing')
    return { kind: 'char', test: literal() }
  }
  /** One character, or a class such as \d. */
  const literal = (): Test => {
    const char = source.charAt(at++)
    if (char !== '\\') return (other) => other === char
    const escaped = source.charAt(at++)
    const found = classes[escaped]
    if (found) return found
    if (escaped === '' || /^\w$/.test(escaped)) fail(`"\\${escaped}" is not understood`)
    return (other) => other === escaped
  }
  const set = (): Test => {
    const negated = take('^')
    const tests: Test[] = []
    for (let first = true; first || source[at] !== ']'; first = false) {
      if (at >= source.length) fail('a set does not end')
      const from = source.charAt(at)
      const test = literal()
      const to = source.charAt(at + 1)
      if (from === '\\' || source[at] !== '-' || to === ']' || to === '') tests.push(test)
      else {
        at++
        if (to === '\\' || to < from) fail('a range is not understood')
        at++
        tests.push((char) => char >= from && char <= to)
      }
    }
    at++
    return (char) => tests.some((test) => test(char)) !== negated
  }
  const repeated = (node: Node): Node => {
    const [least, most] = counts()
    if (least === undefined || most === undefined) return node
    if (node.kind === 'start' || node.kind === 'end') fail('a repetition of nothing')
    if (most < least || Math.max(least, most === Infinity ? 0 : most) > limits.repeats) fail('its repetitions are too many')
    // A lazy repetition matches the same texts.
    take('?')
    if (/^([*+?]|\{\d)/.test(source.slice(at))) fail('a repetition of a repetition')
    return { kind: 'repeat', of: node, least, most }
  }
  const counts = (): [least?: number, most?: number] => {
    if (take('*')) return [0, Infinity]
    if (take('+')) return [1, Infinity]
    if (take('?')) return [0, 1]
    const told = /^\{(\d{1,4})(,(\d{0,4}))?\}/.exec(source.slice(at))
    if (!told) return []
    at += told[0].length
    const least = Number(told[1])
    return [least, told[2] === undefined ? least : told[3] === '' ? Infinity : Number(told[3])]
  }
  const whole = alternatives()
  if (at < source.length) fail('a group ends that did not begin')
  return whole
}
