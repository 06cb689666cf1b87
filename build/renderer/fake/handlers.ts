// The commands of the studio by group, as the fake one answers them: a function each, its input checked by the command's own schema.
import type { z } from 'zod'
import type { OutputOf } from '../../../main/api/calls.ts'
import { commands, type Commands } from '../../../main/commands/index.ts'
import type { Answer } from '../../../main/host/answers.ts'

type GroupName = keyof Commands extends infer Name ? (Name extends `${infer Group}.${string}` ? Group : never) : never
type Of<Group extends string, Name> = Name extends `${Group}.${infer Last}` ? Last : never

export type Handlers<Group extends GroupName> = {
  readonly [Name in keyof Commands as Of<Group, Name>]: (
    input: z.output<Commands[Name]['input']>,
  ) => Promise<OutputOf<Commands[Name]>> | OutputOf<Commands[Name]>
}
export type AllHandlers = { readonly [Group in GroupName]: Handlers<Group> }

/** Of the groups; what a worker does is not there. */
export function fakeAnswers(handlers: AllHandlers): ReadonlyMap<string, Answer> {
  const own = new Map<string, Answer['run']>(
    Object.entries(handlers).flatMap(([group, functions]) =>
      Object.entries(functions as Readonly<Record<string, Answer['run']>>).map(([name, run]) => [`${group}.${name}`, run] as const),
    ),
  )
  return new Map(
    Object.entries(commands).flatMap(([name, { input }]) => {
      const run = own.get(name)
      return run ? [[name, { input, run }] as const] : []
    }),
  )
}
