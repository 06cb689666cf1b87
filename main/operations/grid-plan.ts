// The cells of a grid over one, two or three axes, and axes that are written as `Steps=1-10(+2)`.
import { randomInt } from 'node:crypto'
import { conditions } from '../../engine/conditions/index.ts'
import { PigmentError } from '../../engine/requests/error.ts'
import { axisWords } from '../api/axis-values.ts'
import { nearest } from '../recipes/keys.ts'
import { isSeed, plainName, refusing, type Axis, type AxisKind, type AxisStep, type GridForm, type GridWorld } from './axes/axis.ts'
import { fieldAxes, fieldAxis } from './axes/field.ts'
import { axisKinds } from './axes/index.ts'

export interface GridAxes {
  readonly x: Axis
  readonly y?: Axis | undefined
  /** One sheet a value, one below the other. */
  readonly z?: Axis | undefined
}
export interface GridCell {
  readonly sheet: number
  readonly row: number
  readonly column: number
  readonly form: GridForm
}
export interface GridPlan {
  /** As they are read: sheet by sheet, row by row. */
  readonly cells: readonly GridCell[]
  readonly columns: readonly string[]
  readonly rows: readonly string[]
  readonly sheets: readonly string[]
}

/** More than so many are drawn only where a person says how many. */
export const usualCells = 100

const one: AxisStep = { label: '', change: (form) => form }

/** Throws `grid-axis-unknown`, `grid-axis-twice`, `grid-many`, and what an axis throws that does not fit the form. */
export function gridPlan(form: GridForm, { x, y, z }: GridAxes, world: GridWorld, most = usualCells): GridPlan {
  refuseTwice([x, y, z])
  const axes = [x, y, z].map((axis) => {
    if (!axis) return { steps: [one], turn: 0 }
    const kind = kindOf(axis)
    return { steps: kind.steps(axis, world), turn: kind.turn ?? 0 }
  })
  const [columns = [], rows = [], sheets = []] = axes.map(({ steps }) => steps)
  const count = columns.length * rows.length * sheets.length
  if (count > most)
    throw new PigmentError(
      'grid-many',
      `This grid has ${count} cells (${[columns, rows, sheets].map(({ length }) => length).join(' × ')}), more than ${most}. If all of them are wanted, say so: --cells ${count}.`,
      { cells: count, most },
    )
  // What comes later stands on what is chosen by then, whichever axis it is of.
  const turns = axes.map(({ turn }, i) => ({ turn, i })).sort((a, b) => a.turn - b.turn || b.i - a.i)
  const cells = sheets.flatMap((sheet, s) =>
    rows.flatMap((row, r) =>
      columns.map((column, c) => {
        const steps = [column, row, sheet]
        return { sheet: s, row: r, column: c, form: turns.reduce((at, { i }) => (steps[i] as AxisStep).change(at), form) }
      }),
    ),
  )
  const labels = (steps: readonly AxisStep[], axis: Axis | undefined): string[] => (axis ? steps.map(({ label }) => label) : [])
  return { cells, columns: labels(columns, x), rows: labels(rows, y), sheets: labels(sheets, z) }
}

/** What one axis says of a cell another must not take back: its sign on the sheet would be of no picture. */
function refuseTwice(axes: readonly (Axis | undefined)[]): void {
  const seen = new Set<string>()
  for (const axis of axes) {
    if (!axis || kindOf(axis).joins) continue
    const { kind, adapter, option } = axis
    const same = JSON.stringify([kind, adapter, option])
    const name = kindOf(axis).called[0] ?? kind
    if (seen.has(same)) throw new PigmentError('grid-axis-twice', `"${name}" is on two axes, and a cell can have one value of it alone. Put the values of both into one axis.`, { axis: name }) // prettier-ignore
    seen.add(same)
  }
}

/** In the order in which what changes is cheap: another model least often, then another size. */
export function inDrawingOrder<Cell extends { readonly form: GridForm }>(
  cells: readonly Cell[],
  opened: (form: GridForm) => string,
): Cell[] {
  const places = (of: (form: GridForm) => string): ((cell: Cell) => number) => {
    const seen = [...new Set(cells.map(({ form }) => of(form)))]
    return ({ form }) => seen.indexOf(of(form))
  }
  const [model, size] = [places(opened), places(({ width, height }) => `${width}x${height}`)]
  return cells.toSorted((a, b) => model(a) - model(b) || size(a) - size(b))
}

/** Seeds of −1 are thrown now, so that what is drawn can be drawn again. */
export const settledAxis = (axis: Axis): Axis =>
  isSeed(axis.kind) ? { ...axis, values: axis.values.map((value) => (value === -1 ? randomInt(2 ** 32) : value)) } : axis

function kindOf({ kind }: Pick<Axis, 'kind'>): AxisKind {
  const own = axisKinds.find(({ name }) => name === kind)
  const field = fieldAxes().find(({ key }) => key === kind)
  if (own) return own
  if (field) return fieldAxis(field)
  throw unknown(kind)
}

/** Every axis by the names that it has in text; an option of a condition stands for itself. */
function named(): { readonly names: readonly string[]; readonly kind: AxisKind; readonly of?: string }[] {
  const condition = axisKinds.find(({ name }) => name === 'condition')
  const options = conditions.flatMap(({ options }) => Object.entries(options.shape as Readonly<Record<string, { meta(): unknown }>>))
  return [
    ...axisKinds.map((kind) => ({ names: [kind.name, ...kind.called], kind })),
    ...fieldAxes().map((field) => {
      const kind = fieldAxis(field)
      return { names: [kind.name, ...kind.called], kind }
    }),
    ...options.flatMap(([key, field]) => {
      const { written, axis } = (field.meta() ?? {}) as { written?: string | false; axis?: unknown }
      return condition && axis !== false ? [{ names: [key, ...(written ? [written] : [])], kind: condition, of: key }] : []
    }),
  ]
}

/** The names of all axes, each as it is usually written. */
export const axisNames = (): string[] => [...new Set(named().map(({ names }) => names[1] ?? names[0] ?? ''))]

/**
 * `NAME=VALUES` or `NAME:OF=VALUES`: A1111's lists and ranges. Throws `grid-axis-text`, `grid-axis-unknown` with near names, `grid-value` with the
 * place in the list, `grid-range`.
 */
export function readAxis(text: string, form: GridForm, world: GridWorld): Axis {
  const [, head, list] = /^([^=]+)=(.*)$/s.exec(text) ?? []
  const words = list === undefined ? [] : axisWords(list)
  if (head === undefined || words.length === 0)
    throw new PigmentError('grid-axis-text', `"${text.slice(0, 80)}" is no axis. Write NAME=VALUES, e.g. "Steps=10-30(+10)", "CFG scale=3, 5, 7" or "Prompt S/R=fox, wolf".`, { text: text.slice(0, 80) }) // prettier-ignore
  const colon = head.indexOf(':')
  const [name, said] = colon < 0 ? [head.trim(), undefined] : [head.slice(0, colon).trim(), head.slice(colon + 1).trim()]
  // An option of a condition may be called as that of another: the one counts that is in force.
  const found = named().filter(({ names }) => names.some((one) => plainName(one) === plainName(name)))
  const { kind, of: own } = found.find(({ of }) => of !== undefined && inForce(form, of)) ?? found[0] ?? refuseName(name)
  const of = said ?? own
  const adapter = kind.of === 'adapter' && of !== undefined ? (world.adapters(of)[0] ?? refuseAdapter(name, of)) : undefined // prettier-ignore
  if (kind.of === 'option' && of === undefined)
    throw new PigmentError('grid-axis-text', `The axis "${name}" needs the name of the option: "${name}:eta=0, 1".`, {
      text: text.slice(0, 80),
    })
  const values = [...kind.read(words, { form, world, of, refuse: refusing(name) })]
  return settledAxis({
    kind: kind.name,
    values,
    ...(adapter === undefined ? {} : { adapter }),
    ...(kind.of === 'option' ? { option: of } : {}),
  })
}

const inForce = (form: GridForm, option: string): boolean => {
  const of = conditions.find(({ options }) => Object.hasOwn(options.shape, option))
  return of !== undefined && form.conditions?.[of.by] !== undefined
}

/** As A1111 writes them into a sheet. */
export function axesWritten({ x, y, z }: GridAxes): [written: string, value: string][] {
  const told = (
    [
      ['X', x],
      ['Y', y],
      ['Z', z],
    ] as const
  ).flatMap(([letter, axis]): [string, string][] => {
    if (!axis) return []
    const of = axis.option ?? axis.adapter
    const values = axis.values.map((value) => (/[,"\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value)))
    const type = kindOf(axis).called[0] ?? axis.kind
    return [
      [`${letter} Type`, of === undefined ? type : `${type}:${of}`],
      [`${letter} Values`, values.join(', ')],
    ]
  })
  return [['Script', 'X/Y/Z plot'], ...told]
}

function refuseAdapter(axis: string, adapter: string): never {
  const sentence = `The axis "${axis}" is of the adapter "${adapter.slice(0, 80)}", and none of that name is here. Name one of the stack, or add it first.`
  throw new PigmentError('grid-axis', sentence, { axis, adapter: adapter.slice(0, 80) })
}

function refuseName(name: string): never {
  throw unknown(name)
}

function unknown(name: string): PigmentError {
  const names = axisNames()
  const near = nearest(name, names)
  const sentence = `There is no axis "${name}".${near === undefined ? '' : ` Did you mean "${near}"?`} There are: ${names.join(', ')}.`
  return new PigmentError('grid-axis-unknown', sentence, { name, names, ...(near === undefined ? {} : { near }) })
}
