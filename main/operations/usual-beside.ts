// What goes with the choices of a request, where it leaves the fields open: Prodigy's learning rate, Schedule-Free's course.
import { choices } from '../../engine/choices.ts'

/** Values by field, of every choice that is made; nothing of those that are given. */
export function usualBeside(given: Readonly<Record<string, unknown>>): Readonly<Record<string, number | boolean | string>> {
  const beside = Object.entries(choices).map(([field, all]) => all.find(({ name }) => name === given[field])?.usual)
  const usual = Object.assign({}, ...beside) as Record<string, number | boolean | string>
  return Object.fromEntries(Object.entries(usual).filter(([name]) => given[name] === undefined))
}
