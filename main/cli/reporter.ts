// Where records go: as lines of JSON to a program, or as words to a person.
import type { ErrorRecord } from '../../engine/requests/error.ts'
import type { EmittedRecord } from '../api/command.ts'
import { jsonLine, plainText } from './plain-text.ts'
import { present } from './present.ts'
import { Progress } from './progress.ts'

/** The two ends of a process that a person or a program reads. */
export interface Terminal {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  /** Whether a person watches the second one. */
  readonly isTerminal: boolean
  readonly columns: number
}

export interface Reporter {
  readonly record: (record: EmittedRecord) => void
  result(command: string, result: unknown): void
  error(record: ErrorRecord): void
  /** Text of the help. */
  text(text: string): void
}

/** One record a line on stdout and nothing else there; a person reads the error on stderr. */
export function jsonReporter(terminal: Terminal): Reporter {
  const write = (record: unknown): void => terminal.out(`${jsonLine(record)}\n`)
  return {
    record: write,
    result: (command, result) => write({ type: 'result', command, result }),
    error(record) {
      write({ type: 'error', ...record })
      terminal.err(`${plainText(record.message)}\n`)
    },
    text: (text) => write({ type: 'help', text }),
  }
}

/** Progress on stderr, the result on stdout. */
export function humanReporter(terminal: Terminal): Reporter {
  const progress = new Progress({ write: terminal.err, isTerminal: terminal.isTerminal, columns: terminal.columns })
  return {
    record: (record) => progress.show(record),
    result(_command, result) {
      progress.clear()
      if (result !== undefined) terminal.out(`${present(result)}\n`)
    },
    error({ code, message, facts }) {
      progress.clear()
      terminal.err(`${code === 'cancelled' ? '' : `Error (${code}): `}${plainText(message)}\n`)
      if (typeof facts.resume === 'string') terminal.err(`To continue: ${plainText(facts.resume)}\n`)
      if (code === 'unexpected' && typeof facts.stack === 'string') terminal.err(`${plainText(facts.stack)}\n`)
    },
    text: terminal.out,
  }
}
