import { expect, test } from 'vitest'
import { z } from 'zod'
import { PigmentError } from '../../engine/requests/error.ts'
import { loraChoice } from '../operations/lora-choice.ts'
import { runCli } from './run.ts'
import { terminalCommand, type TerminalCommand } from './terminal-command.ts'

const input = z.object({
  file: z.string().meta({ description: 'what', placeholder: 'FILE' }),
  count: z.int().min(1).max(9).default(3).meta({ description: 'how many' }),
  sampler: z.enum(['a', 'b']).default('a').meta({ description: 'which' }),
  captionDropout: z.number().min(0).max(1).default(0.5).meta({ description: 'share' }),
  flip: z.boolean().default(false).meta({ description: 'mirror' }),
  lora: z.array(loraChoice).default([]).meta({ description: 'adapter', placeholder: 'FILE=WEIGHT' }),
  word: z.array(z.string()).optional().meta({ description: 'words', placeholder: 'F[=W]' }),
})

async function run(argv: readonly string[], behaviour: () => unknown = () => undefined, signal = new AbortController().signal) {
  let [out, err, given]: [string, string, unknown] = ['', '', undefined]
  const probe = terminalCommand({
    name: 'probe',
    summary: 'Try something.',
    input,
    positional: 'file',
    run(context, fields) {
      given = { ...fields, device: context.device, threads: context.threads }
      context.emit({ type: 'warning', code: 'w', message: 'careful', facts: {} })
      return Promise.resolve(behaviour())
    },
  })
  const terminal = { out: (text: string) => (out += text), err: (text: string) => (err += text), isTerminal: false, columns: 80 }
  const code = await runCli(argv, { commands: [probe as TerminalCommand], version: '1.2.3', terminal, signal })
  return { code, out, err, given }
}

test('options become the input, wherever the common ones stand', async () => {
  const { code, given } = await run(
    'probe f.png --count 5 --caption-dropout .25 --flip --lora a=b.safetensors=0.5 --lora c.safetensors --word x --threads 2 --device cpu'.split(
      ' ',
    ),
  )
  expect(code).toBe(0)
  expect(given).toEqual({
    file: 'f.png',
    count: 5,
    sampler: 'a',
    captionDropout: 0.25,
    flip: true,
    lora: [
      { file: 'a=b.safetensors', weight: 0.5, enabled: true },
      { file: 'c.safetensors', weight: 1, enabled: true },
    ],
    word: ['x'],
    device: 'cpu',
    threads: 2,
  })
})

test('a list takes all that stand without a flag', async () => {
  let given: unknown
  const several = terminalCommand({
    name: 'several',
    summary: 'Take several.',
    input: z.object({
      files: z.array(loraChoice).min(2).max(3).meta({ description: 'adapters', placeholder: 'FILE=WEIGHT' }),
      flip: z.boolean().default(false).meta({ description: 'mirror' }),
    }),
    positional: 'files',
    run: (_, fields) => Promise.resolve(void (given = fields)),
  })
  const probe = async (...argv: string[]): Promise<string> => {
    let text = ''
    const write = (part: string): unknown => (text += part)
    const terminal = { out: write, err: write, isTerminal: false, columns: 80 }
    const options = { commands: [several as TerminalCommand], version: '1', terminal, signal: new AbortController().signal }
    await runCli(['several', ...argv], options)
    return text
  }
  await probe('a.safetensors=0.5', '--flip', 'b.safetensors')
  expect(given).toMatchObject({
    files: [
      { file: 'a.safetensors', weight: 0.5 },
      { file: 'b.safetensors', weight: 1 },
    ],
    flip: true,
  })
  expect(await probe('--help')).toContain('[FILE=WEIGHT...]')
  expect(await probe()).toContain('FILE=WEIGHT is missing.')
  expect(await probe('a')).toContain('FILE=WEIGHT: needs at least 2.')
  expect(await probe('a', 'b', 'c', 'd')).toContain('FILE=WEIGHT: takes at most 3.')
})

test('the help tells defaults, choices and exit codes', async () => {
  const { code, out } = await run(['probe', '--help'])
  expect(code).toBe(0)
  expect(out).toContain('--caption-dropout <N>    share (default: 0.5)')
  expect(out).toContain('which (one of a, b) (default: a)')
  expect((await run(['--help'])).out).toContain('3    an input file or folder is missing')
})

test.each([
  [[], 'No command was given.'],
  [['prbe'], "Unknown command 'prbe' (Did you mean probe?)."],
  [['probe', 'f', '--cuont', '3'], 'Unknown option \'--cuont\' (Did you mean --count?). See "pigment probe --help".'],
  [['probe'], 'FILE is missing.'],
  [['probe', 'f', 'g'], 'Too many arguments'],
  [['probe', 'f', '--count', 'many'], '--count: expected a number, got "many".'],
  [['probe', 'f', '--count', '10'], '--count: must be at most 9, got "10".'],
  [['probe', 'f', '--count', '1.5'], '--count: must be a whole number, got "1.5".'],
  [['probe', 'f', '--sampler', 'z'], '--sampler: must be one of a, b, got "z".'],
  [['probe', 'f', '--lora', 'x=strong'], '--lora: the weight "strong" is not a number; write FILE=WEIGHT'],
  [['probe', 'f', '--lora', 'x=900'], '--lora: the weight 900 must lie between -100 and 100.'],
  [['probe', 'f', '--device', 'abacus'], 'Allowed choices are auto, cpu'],
  [['probe', 'f', '--threads', '0'], '--threads: expected a whole number from 1 to 1024, got "0".'],
])('a bad command line %j ends with 2 and a sentence', async (argv, sentence) => {
  const { code, out, err } = await run(argv)
  expect([code, out]).toEqual([2, ''])
  expect(err).toContain(sentence)
})

test('--json writes records only: events, then the result or the error', async () => {
  const records = (out: string): unknown[] =>
    out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
  const warning = { type: 'warning', code: 'w', message: 'careful', facts: {} }
  const good = await run(['probe', 'f', '--json'], () => ({ a: 1 }))
  expect(good).toMatchObject({ code: 0, err: '' })
  expect(records(good.out)).toEqual([warning, { type: 'result', command: 'probe', result: { a: 1 } }])

  const bad = await run(['--json', 'probe', 'f'], () => {
    throw new PigmentError('disk-full', 'The disk is full.', { path: 'p' })
  })
  expect(bad).toMatchObject({ code: 4, err: 'The disk is full.\n' })
  expect(records(bad.out)).toEqual([warning, { type: 'error', code: 'disk-full', message: 'The disk is full.', facts: { path: 'p' } }])
  expect(records((await run(['probe', '--json', '--nope'])).out)).toMatchObject([{ type: 'error', code: 'usage' }])
  expect(records((await run(['probe', '--json', '--help'])).out)).toMatchObject([{ type: 'help' }])
})

test('a cancelled run tells the command that resumes it', async () => {
  const { code, err } = await run(['probe', "it's.png", '--count', '2'], () => {
    throw new PigmentError('cancelled', 'Stopped.', { runFolder: 'x.run' })
  })
  expect(code).toBe(130)
  expect(err).toContain("To continue: npm run -s pigment -- probe 'it'\\''s.png' --count 2\n")
})

test.each([
  ['out-of-memory', 5],
  ['loss-nan', 6],
  ['pickle-refused', 3],
  ['no-vae', 3],
  ['members-variant', 2],
  ['any-choice-options', 2],
  ['method-unknown', 2],
  ['input-invalid', 2],
  ['something-new', 2],
])('an error of code %s ends with %d', async (code, expected) => {
  const ended = await run(['probe', 'f'], () => {
    throw new PigmentError(code, 'No.', {})
  })
  expect(ended.code).toBe(expected)
})

test('what the engine says of fields is told by their flags; words and paths that look like them stay', async () => {
  const told = async (sentence: string, facts = {}) =>
    (
      await run(['probe', 'f'], () => {
        throw new PigmentError('field-needs', sentence, facts)
      })
    ).err
  expect(
    await told('"captionDropout" does nothing without "flip". Leave out captionDropout.', { field: 'captionDropout', needs: 'flip' }),
  ).toContain('--caption-dropout does nothing without --flip. Leave out --caption-dropout.\n')
  const others = 'A "flip" in "/x/captionDropout/captionDropout.png", of someThing; a word of this file.'
  expect(await told(others, { word: 'A' })).toContain(`${others}\n`)
})
