import { resolve } from 'node:path'
import { z } from 'zod'
import { raceFields } from '../../engine/requests/race.ts'
import { trainRequest } from '../../engine/requests/train.ts'
import { modelFields } from '../api/model-fields.ts'
import { runRace } from '../operations/run-race.ts'
import { engineCommand } from '../studio/command.ts'

export const race = engineCommand({
  summary:
    'Race methods of training on your own pictures, at equal steps or equal time: a table and the pictures of each. What is finished is kept.',
  order: 1.5,
  apart: true,
  input: z.object({
    dataset: trainRequest.shape.dataset,
    ...raceFields,
    ...modelFields,
    out: z.string().min(1).meta({ description: 'folder for the table, the sheets, and an adapter of each', placeholder: 'DIR' }),
  }),
  async run(engine, given, { signal, onEvent }) {
    let told = ''
    const { result, files } = await runRace({ ...given, dataset: resolve(given.dataset), out: resolve(given.out) }, engine, {
      signal,
      onEvent(event, { index, count, title }) {
        if (told !== title) onEvent({ type: 'note', message: `${index + 1} of ${count}: ${title}` })
        told = title
        onEvent(event)
      },
    })
    const rows = result.rows.map(({ name, style, heldOut, forgetting, training }) => ({
      method: name,
      ...(style === undefined ? {} : { styleFraction: style }),
      heldOut,
      forgetting,
      ...(training
        ? {
            steps: training.steps,
            seconds: training.seconds,
            secondsPerStep: training.secondsPerStep,
            memoryBytes: training.memoryBytes,
            fileBytes: training.fileBytes,
            trainedFraction: training.fraction,
          }
        : {}),
    }))
    return { ...files, rows, absent: result.absent.map(({ name, reason }) => ({ method: name, reason })) }
  },
})
