// Every command of the program as the terminal has it.
import { commands as all } from '../commands/index.ts'
import type { Command, CommandMap } from '../studio/command.ts'
import { askedOfStudio } from './asked-of-studio.ts'
import { doneHere } from './done-here.ts'
import { studioCommand } from './studio-command.ts'
import { workerCommand } from './worker-command.ts'
import type { TerminalCommand } from './terminal-command.ts'

const studioOrder = 7
const workerOrder = 7.5
const last = Number.MAX_SAFE_INTEGER

function terminalForm(name: string, command: Command): TerminalCommand {
  const { summary } = command
  return {
    name,
    summary: summary ?? `As the screens of the studio do it: ${name}.`,
    hidden: summary === undefined,
    ...(command.runs === 'host' ? askedOfStudio(name, command) : doneHere(command)),
  }
}

/** In the order of the help. Those of the screens are many; `studio` lists them. */
export function terminalCommands(commands: CommandMap): readonly TerminalCommand[] {
  const names = Object.entries(commands).flatMap(([name, { runs }]) => (runs === 'host' ? [name] : []))
  const ordered = Object.entries(commands).map(([name, command]) => ({ order: command.order, command: terminalForm(name, command) }))
  return [...ordered, { order: studioOrder, command: studioCommand(names) }, { order: workerOrder, command: workerCommand }]
    .toSorted((a, b) => (a.order ?? last) - (b.order ?? last))
    .map(({ command }) => command)
}

export const commands = terminalCommands(all)
