// What the axes of a choice's own options have in common.
import type { Choice } from '../../../engine/requests/own-options.ts'
import { numbersOf } from '../../api/axis-values.ts'
import { fieldValues, type AxisKind, type AxisValue, type GridForm } from './axis.ts'

type Field = 'samplerOptions' | 'scheduleOptions'

/** Values are checked against the option of the form's own choice, where that has it; another axis may choose another. */
export function optionKind(field: Field, chosen: (form: GridForm) => Choice): Pick<AxisKind, 'of' | 'turn' | 'read' | 'steps'> {
  return {
    of: 'option',
    turn: 1,
    read(words, at) {
      const { options } = chosen(at.form)
      if (options && at.of !== undefined && Object.hasOwn(options.shape, at.of)) return fieldValues(options, at.of, words, at)
      return words.flatMap((word): AxisValue[] => numbersOf(word, false) ?? [word])
    },
    steps: ({ values, option = '' }) =>
      values.map((value) => ({
        label: `${option} ${String(value)}`,
        change: (form) => ({ ...form, [field]: { ...form[field], [option]: value } }),
      })),
  }
}
