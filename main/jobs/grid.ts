// The cells of an X/Y grid.
import type { z } from 'zod'
import { fieldsOf } from '../../engine/requests/fields.ts'
import { generateRequest } from '../../engine/requests/generate.ts'
import { schedules } from '../../engine/schedules/index.ts'
import { samplers } from '../../engine/samplers/index.ts'
import { PigmentError } from '../../engine/requests/error.ts'
import type { generateForm, gridAxis } from '../api/methods/generate.ts'
import { drawable } from '../stores/drawable.ts'
import type { Library } from '../stores/library.ts'
import type { GridTask } from '../operations/engine/grid.ts'
import { requestOf, stackOf } from './stack.ts'

type Form = z.output<typeof generateForm>
type Axis = z.output<typeof gridAxis>

interface Step {
  readonly label: string
  readonly change: (form: Form) => Form
}

export function gridCells(form: Form, x: Axis, y: Axis | undefined, library: Library): Pick<GridTask, 'cells' | 'columns' | 'rows'> {
  const columns = stepsOf(x, library)
  const rows = y ? stepsOf(y, library) : [{ label: '', change: (same: Form) => same }]
  const cells = rows.map((row) =>
    columns.map((column) => {
      // An option belongs to the sampler that is chosen by then.
      const changed = y?.kind === 'samplerOption' ? row.change(column.change(form)) : column.change(row.change(form))
      const { prompt, loras, embeddings } = stackOf(changed, library)
      return { request: generateRequest.parse({ ...requestOf(changed), prompt }), loras, embeddings }
    }),
  )
  return { cells, columns: columns.map(({ label }) => label), rows: y ? rows.map(({ label }) => label) : [] }
}

function stepsOf(axis: Axis, library: Library): Step[] {
  switch (axis.kind) {
    case 'prompt':
      return axis.values.map((prompt) => ({ label: prompt, change: (form) => ({ ...form, prompt }) }))
    case 'sampler':
      return axis.values.map((sampler) => ({
        label: samplers.find(({ name }) => name === sampler)?.title ?? sampler,
        // Options are of the form's own sampler; another has its defaults.
        change: (form) => (sampler === form.sampler ? form : { ...form, sampler, samplerOptions: undefined }),
      }))
    case 'schedule':
      return axis.values.map((schedule) => ({
        label: schedules.find(({ name }) => name === schedule)?.title ?? schedule,
        change: (form) => (schedule === form.schedule ? form : { ...form, schedule, scheduleOptions: undefined }),
      }))
    case 'samplerOption':
      return axis.values.map((value) => ({
        label: `${axis.option} ${value}`,
        change: (form) => ({ ...form, samplerOptions: { ...form.samplerOptions, [axis.option]: value } }),
      }))
    case 'weight':
      return axis.values.map((weight) => ({
        label: `${drawable(library, axis.adapter).title} · ${weight}`,
        change: (form) => {
          if (!form.stack.some(({ adapter }) => adapter === axis.adapter))
            throw new PigmentError('grid-axis', 'The adapter of this axis is not in the stack. Add it first.', { adapter: axis.adapter })
          return { ...form, stack: form.stack.map((one) => (one.adapter === axis.adapter ? { ...one, weight, enabled: true } : one)) }
        },
      }))
    case 'adapter':
      return axis.values.map((adapter) => ({
        label: drawable(library, adapter).title,
        change: (form) => ({ ...form, stack: [{ adapter, weight: axis.weight, enabled: true }] }),
      }))
    default:
      return axis.values.map((value) => ({
        label: `${signOf(axis.kind)} ${String(value)}`,
        change: (form) => ({ ...form, [axis.kind]: value }),
      }))
  }
}

/** As other programs' sheets have it, so that it is read in every language. */
function signOf(key: string): string {
  const axis = fieldsOf(generateRequest).find((field) => field.key === key)?.axis
  return (axis ? axis.sign : undefined) ?? key.charAt(0).toUpperCase() + key.slice(1)
}
