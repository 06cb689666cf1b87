import { conditions } from '../../../engine/conditions/index.ts'
import { numbersOf } from '../../api/axis-values.ts'
import { fieldValues, type AxisKind, type AxisValue } from './axis.ts'

/** One option of what a picture is drawn from beside its prompt: strength, hires scale. */
export const conditionAxis: AxisKind = {
  name: 'condition',
  called: ['Condition'],
  of: 'option',
  read(words, at) {
    const found = conditions.find(({ options }) => at.of !== undefined && Object.hasOwn(options.shape, at.of))
    if (found && at.of !== undefined) return fieldValues(found.options, at.of, words, at)
    return words.flatMap((word): AxisValue[] => numbersOf(word, false) ?? [word])
  },
  steps: ({ values, option = '' }) =>
    values.map((value) => ({
      label: `${option} ${String(value)}`,
      change: (form) => ({ ...form, conditions: { ...form.conditions, [option]: value } }),
    })),
}
