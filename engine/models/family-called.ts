import type { Family } from '../checkpoint/config.ts'
import { families } from './families/index.ts'
import type { ModelFamily } from './family.ts'

/** What is known of a family by its name. */
export function familyCalled(name: Family): ModelFamily {
  const found = families.find((family) => family.name === name)
  if (!found) throw new Error(`The model family "${name}" has no folder.`)
  return found
}
