// Why a run cannot be made, before it starts.
import { errorRecord, type ErrorRecord } from '../../engine/requests/error.ts'
import type { TrainRequest } from '../../engine/requests/train.ts'
import { trainingRules } from '../../engine/training-rules.ts'

export const trainingProblems = (form: Omit<TrainRequest, 'dataset'> & { readonly continueFrom?: unknown }): ErrorRecord[] =>
  trainingRules.flatMap((rule) => {
    try {
      rule(form, form.continueFrom !== undefined)
      return []
    } catch (error) {
      return errorRecord(error)
    }
  })
