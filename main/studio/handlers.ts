// How the host answers: one function a method, its input already checked.
import type { OutputOf, ParsedInputOf } from '../api/method.ts'
import type { Studio } from '../api/studio.ts'

export type Handlers<Group extends keyof Studio> = {
  readonly [Name in keyof Studio[Group]]: (
    input: ParsedInputOf<Studio[Group][Name]>,
  ) => Promise<OutputOf<Studio[Group][Name]>> | OutputOf<Studio[Group][Name]>
}
export type AllHandlers = { readonly [Group in keyof Studio]: Handlers<Group> }
