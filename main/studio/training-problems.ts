// Why a run cannot be made, before it starts: rules between the fields of its request. The engine asks each of them itself.
import { choices } from '../../engine/choices.ts'
import { errorRecord, type ErrorRecord } from '../../engine/requests/error.ts'
import { chosenOf } from '../../engine/requests/own-options.ts'
import { trainRequest, type TrainRequest } from '../../engine/requests/train.ts'
import { memberShape } from '../../engine/training/variant-of-request.ts'

type Form = Omit<TrainRequest, 'dataset'>

const rules: readonly ((form: Form) => void)[] = [
  (form) => void memberShape(form),
  ...Object.entries(choices).flatMap(([field, all]) =>
    Object.hasOwn(trainRequest.shape, field)
      ? (form: Form) => void chosenOf({ field, choices: all, request: trainRequest }, form as Readonly<Record<string, unknown>>)
      : [],
  ),
]

export const trainingProblems = (form: Form): ErrorRecord[] =>
  rules.flatMap((rule) => {
    try {
      rule(form)
      return []
    } catch (error) {
      return errorRecord(error)
    }
  })
