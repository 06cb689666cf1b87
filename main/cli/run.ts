// The terminal as a shell over the commands: options from schemas, records out, an exit code at the end.
import { Command as Program, CommanderError, Option } from 'commander'
import { errorRecord, PigmentError, type ErrorRecord } from '../../engine/requests/error.ts'
import { device } from '../api/command.ts'
import { withoutPassword } from '../redis/address.ts'
import { exitCodeMeanings, exitCodeOf, exitCodes } from '../api/exit-codes.ts'
import { fieldsOf, type Field } from './fields.ts'
import { humanReporter, jsonReporter, type Reporter, type Terminal } from './reporter.ts'
import type { TerminalCommand } from './terminal-command.ts'
import { inFlags } from './in-flags.ts'
import { usageError } from './usage-error.ts'

export interface CliOptions {
  readonly commands: readonly TerminalCommand[]
  readonly version: string
  readonly terminal: Terminal
  readonly signal: AbortSignal
}

/** Runs one command line to its end and gives the exit code. Never throws. */
export async function runCli(argv: readonly string[], { commands, version, terminal, signal }: CliOptions): Promise<number> {
  const reporter = argv.includes('--json') ? jsonReporter(terminal) : humanReporter(terminal)
  const program = baseProgram(version, reporter)
  for (const command of commands) addCommand(program, command, reporter, signal)
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return exitCodes.ok
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.ok
    const record = recordOf(error, { argv, commands, signal })
    reporter.error(record)
    return exitCodeOf(record.code)
  }
}

/** Columns in which the words of an option still wrap; where they would not, commander lets their lines run on. */
const narrowestColumn = 20

function baseProgram(version: string, reporter: Reporter): Program {
  return new Program('pigment')
    .description('Train, stack, try and export LoRA adapters for Stable Diffusion models.')
    .version(version, '--version')
    .helpOption('--help', 'say how it is used')
    .helpCommand(false)
    .option('--json', 'one JSON record a line on stdout, and nothing else there')
    .addOption(new Option('--device <NAME>', 'where to compute').choices(device.options).default('auto'))
    .addOption(new Option('--threads <N>', 'threads of the CPU (default: one a core)').argParser(threadCount))
    .addOption(new Option('--queue <URL>', 'let workers of this queue do it: redis://host, or rediss:// (or PIGMENT_QUEUE; docs/queue.md)'))
    .addOption(new Option('--store <PLACE>', 'where its files travel: a shared folder, or s3://bucket/folder (or PIGMENT_STORE)'))
    .configureHelp({ showGlobalOptions: true, sortOptions: false, minWidthToWrap: narrowestColumn })
    .configureOutput({ writeOut: (text) => reporter.text(text), writeErr: () => undefined, outputError: () => undefined })
    .addHelpText(
      'after',
      () => `\nExit codes:\n${exitCodeMeanings.map(([code, meaning]) => `  ${String(code).padEnd(4)} ${meaning}`).join('\n')}`,
    )
    .exitOverride()
}

function addCommand(program: Program, command: TerminalCommand, reporter: Reporter, signal: AbortSignal): void {
  const fields = fieldsOf(command.input, command.positional)
  const positional = fields.find(({ key }) => key === command.positional)
  const sub = program
    .command(command.name, { hidden: command.hidden === true })
    .summary(command.summary)
    .description(command.summary)
  if (positional) sub.argument(`[${positional.placeholder}${positional.kind === 'list' ? '...' : ''}]`, positional.description)
  for (const field of fields) if (field !== positional) sub.addOption(optionOf(field))
  sub.action(async (...parts: unknown[]) => {
    const options = sub.opts<Record<string, unknown>>()
    const words = Object.fromEntries(fields.map((field) => [field.key, field === positional ? stood(parts[0]) : options[field.key]]))
    const given = command.fill ? await command.fill(words, reporter.record) : words
    const parsed = command.input.safeParse(given)
    if (!parsed.success) throw usageError(command.name, parsed.error, fields, given)
    const machine = program.opts<{ device: string; threads?: number; queue?: string; store?: string }>()
    const context = {
      device: device.parse(machine.device),
      threads: machine.threads ?? 0,
      queue: { address: machine.queue ?? process.env.PIGMENT_QUEUE, store: machine.store ?? process.env.PIGMENT_STORE },
      emit: reporter.record,
    }
    reporter.result(command.name, await command.run(context, parsed.data, signal))
  })
}

/** What stands without a flag; an empty list is nothing given. */
const stood = (part: unknown): unknown => (Array.isArray(part) && part.length === 0 ? undefined : part)

/** Defaults stay with the schema; here they are only told. */
function optionOf({ key, flag, kind, placeholder, description, parse, required }: Field): Option {
  const words = required ? `${description} (required)` : description
  const option = new Option(kind === 'switch' ? flag : `${flag} <${placeholder}${kind === 'list' ? '...' : ''}>`, words)
  option.attributeName = () => key
  // From the flags it is read only where the placeholder ends in a letter.
  option.variadic = kind === 'list'
  return kind === 'number' ? option.argParser(parse) : option
}

function threadCount(text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= 1 && count <= 1024) return count
  throw new PigmentError('usage', `--threads: expected a whole number from 1 to 1024, got "${text}".`, { option: '--threads', got: text })
}

function recordOf(
  error: unknown,
  { argv, commands, signal }: Pick<CliOptions, 'commands' | 'signal'> & { readonly argv: readonly string[] },
): ErrorRecord {
  if (error instanceof CommanderError)
    return {
      code: 'usage',
      message: usageSentence(error, commands.find(({ name }) => argv.includes(name))?.name),
      facts: { reason: error.code },
    }
  if (signal.aborted && error instanceof Error && error.name === 'AbortError')
    return { code: 'cancelled', message: 'Cancelled.', facts: {} }
  const command = commands.find(({ name }) => argv.includes(name))
  const record = inFlags(errorRecord(error), command ? fieldsOf(command.input, command.positional) : [])
  if (record.code !== 'cancelled' || record.facts.runFolder === undefined) return record
  return {
    ...record,
    facts: { ...record.facts, resume: `npm run -s pigment -- ${argv.map((word) => shellWord(withoutPassword(word))).join(' ')}` },
  }
}

function usageSentence(error: CommanderError, command: string | undefined): string {
  if (error.code === 'commander.help') return 'No command was given. See "pigment --help".'
  const message = error.message
    .replace(/^error: /, '')
    .replace(/\n/g, ' ')
    .replace(/\.?$/, '.')
  const help = error.code === 'commander.unknownCommand' || !command ? 'pigment --help' : `pigment ${command} --help`
  return `${message.charAt(0).toUpperCase()}${message.slice(1)} See "${help}".`
}

/** A word as a POSIX shell needs it. */
function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
