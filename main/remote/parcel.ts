// A task as it travels: its paths are marks, by which the other side finds where the same files lie there.
import { basename, isAbsolute, relative, resolve, sep } from 'node:path'
import { PigmentError } from '../../engine/requests/error.ts'
import { assetPath } from '../places/asset-path.ts'
import type { Carrier } from './carrier.ts'

const marks = { input: 'pigment-input:', asset: 'pigment-asset:', output: 'pigment-output:' } as const

export interface Parcel {
  /** Plain JSON. */
  readonly task: unknown
  /** What is to be sent with it, by their places in the marks. */
  readonly inputs: readonly string[]
  /** Where its results appear on this side. */
  readonly home: string
}

export function pack<Task>(task: Task, { home: homeOf, carry }: Carrier<Task>): Parcel {
  const home = resolve(homeOf(task))
  const inputs: string[] = []
  const bring = (path: string): string => {
    const asset = below(assetPath(''), resolve(path))
    if (asset !== undefined) return marks.asset + asset
    const known = inputs.indexOf(resolve(path))
    const at = known < 0 ? inputs.push(resolve(path)) - 1 : known
    return `${marks.input}${at}/${basename(resolve(path))}`
  }
  const carried = carry(task, {
    bring: ((path: string | undefined) => (path === undefined ? undefined : bring(path))) as Parameters<typeof carry>[1]['bring'],
    leave: (path) => marks.output + placeBelow(home, path),
  })
  return { task: JSON.parse(JSON.stringify(carried)), inputs, home }
}

/** Its marks as paths of this side. */
export function unpack(task: unknown, inputs: readonly string[], home: string): unknown {
  return mapStrings(task, (text) => {
    if (text.startsWith(marks.output)) return inside(home, text.slice(marks.output.length))
    if (text.startsWith(marks.asset)) return inside(assetPath(''), text.slice(marks.asset.length))
    const [, at] = /^pigment-input:(\d+)\//.exec(text) ?? []
    return at === undefined ? text : (inputs[Number(at)] ?? text)
  })
}

/** Paths below `home` as marks, in what an operation tells and gives. */
export const markOutputs = (value: unknown, home: string): unknown =>
  mapStrings(value, (text) => {
    const place = isAbsolute(text) ? below(home, text) : undefined
    return place === undefined ? text : marks.output + place
  })

/** The places below home that a value names. */
export function outputsIn(value: unknown): string[] {
  const found: string[] = []
  mapStrings(value, (text) => {
    if (text.startsWith(marks.output)) found.push(text.slice(marks.output.length))
    return text
  })
  return found
}

/** Throws `remote-outside` where a mark leads out of the folder that it is for: what comes from another machine is not trusted with paths of this one. */
export function inside(home: string, place: string): string {
  const path = resolve(home, ...place.split('/'))
  if (path === resolve(home) || below(home, path) !== undefined) return path
  throw new PigmentError(
    'remote-outside',
    `What came from the queue names "${place}", which lies outside of its folder. It was not written. Use no queue that strangers can write to.`,
    { place },
  )
}

function placeBelow(home: string, path: string): string {
  const place = resolve(path) === home ? '' : below(home, resolve(path))
  if (place !== undefined) return place
  throw new PigmentError(
    'remote-scattered',
    `"${path}" does not lie below "${home}": what a remote job makes comes into one folder. Choose a place below it.`,
    {
      path,
      home,
    },
  )
}

/** With slashes on every system; undefined where it is not below. */
function below(folder: string, path: string): string | undefined {
  const place = relative(resolve(folder), path)
  return place === '' || place.startsWith('..') || isAbsolute(place) ? undefined : place.split(sep).join('/')
}

function mapStrings(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value)
  if (Array.isArray(value)) return value.map((one) => mapStrings(one, change))
  // What is no plain data, such as the bytes of a preview, holds no paths.
  if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, mapStrings(one, change)]))
}
