// Typed calls over a transport: `api.datasets.list()` asks for the command `datasets.list`. The commands are only a type here.
import type { z } from 'zod'
import type { Transport } from './transport.ts'

interface Asked {
  readonly input: z.ZodType
  run(...given: never[]): unknown
}
export type InputOf<Of extends Asked> = z.input<Of['input']>
export type OutputOf<Of extends Asked> = Awaited<ReturnType<Of['run']>>

type Call<Of extends Asked> =
  {} extends InputOf<Of> ? (input?: InputOf<Of>) => Promise<OutputOf<Of>> : (input: InputOf<Of>) => Promise<OutputOf<Of>>
type Group<Name> = Name extends `${infer First}.${string}` ? First : never
type Own<Name, Of> = Name extends `${Of & string}.${infer Last}` ? Last : never

/** Commands by group and name; one that lies in no group stands by itself. */
export type Calls<Of extends Readonly<Record<string, Asked>>> = {
  readonly [First in Group<keyof Of>]: { readonly [Name in keyof Of as Own<Name, First>]: Call<Of[Name]> }
} & { readonly [Name in keyof Of as Name extends `${string}.${string}` ? never : Name]: Call<Of[Name]> }
export type Api<Of extends Readonly<Record<string, Asked>>> = Calls<Of> & Pick<Transport, 'subscribe' | 'connection' | 'drop' | 'media'>

type Ask = (input?: unknown) => Promise<unknown>

/** `createApi<Commands>(transport)`; events, files and pictures go by the transport itself. */
export function createApi<Of extends Readonly<Record<string, Asked>>>(transport: Transport): Api<Of> {
  const own: Pick<Transport, 'subscribe' | 'connection' | 'drop' | 'media'> = {
    subscribe: (topic, listener) => transport.subscribe(topic, listener),
    connection: (listener) => transport.connection(listener),
    drop: (files, progress) => transport.drop(files, progress),
    media: (media, side) => transport.media(media, side),
  }
  const ask =
    (name: string): Ask =>
    (input = {}) =>
      transport.invoke(name, input)
  const named = (name: string): Ask =>
    new Proxy(ask(name), { get: (_, key) => (typeof key === 'string' ? ask(`${name}.${key}`) : undefined) })
  // A name is looked up when it is called, and the host knows what there is; whoever awaits the api itself gets it.
  const get = (_: object, key: string | symbol): unknown =>
    typeof key === 'symbol' || key === 'then' ? undefined : key in own ? own[key as keyof typeof own] : named(key)
  return new Proxy({}, { get }) as Api<Of>
}
