import type { RaceEntrant } from '../../api/methods/race.ts'
import { none } from '../../api/shapes.ts'
import { entrants, taking } from '../../operations/race/entrants.ts'
import { hostCommand } from '../../studio/command.ts'

/** Those that are in this program. */
export const listEntrants = hostCommand({
  input: none,
  run(): readonly RaceEntrant[] {
    const here = taking(entrants.map(({ name }) => name)).in
    const usual = new Set(taking().in.map(({ name }) => name))
    return here.map(({ name, title }) => ({ name, title, usual: usual.has(name) }))
  },
})
