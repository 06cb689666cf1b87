import { z } from 'zod'
import { fromFlags } from '../operations/condition-flags.ts'
import { usualCells } from '../operations/grid-plan.ts'
import { downLadder } from '../operations/memory-ladder.ts'
import { fromPairs } from '../operations/option-pairs.ts'
import { engineCommand } from '../studio/command.ts'
import { pictureInput } from './generate.ts'

const axis = (description: string) => z.string().min(1).max(20_000).meta({ description, placeholder: 'NAME=VALUES' })

export const grid = engineCommand({
  summary: 'Make a sheet of pictures over one, two or three of their settings.',
  order: 2.5,
  input: pictureInput.omit({ noise: true, latentsOut: true, region: true, out: true }).extend({
    out: z.string().min(1).meta({ description: 'the sheet, a .png file; each cell lies beside it, as NAME-01.png', placeholder: 'FILE' }),
    x: axis(
      'what varies from left to right, and its values: "Steps=10-30(+10)", "CFG scale=1-7[4]", "Sampler=Euler a, DDIM", "Prompt S/R=fox, wolf", "weight:NAME=0, 0.5, 1", "Adapter=FOLDER", "Model=A.safetensors, B.safetensors"',
    ),
    y: axis('what varies from top to bottom').optional(),
    z: axis('what varies from one sheet to the next').optional(),
    cells: z.int().min(1).max(10_000).default(usualCells).meta({ description: 'as many cells as are meant', placeholder: 'N' }),
  }),
  run: (engine, given, watching) =>
    downLadder((economy) => engine.call('generateGrid', { ...fromPairs(given), ...fromFlags({ ...given }), economy }, watching), {
      renew: () => engine.renew?.(),
      tell: watching.onEvent,
      signal: watching.signal,
    }),
})
