import { z } from 'zod'
import { withDefault } from '../../engine/requests/option.ts'
import { trainRequest } from '../../engine/requests/train.ts'
import { modelFields } from '../api/model-fields.ts'
import { embeddedDefaults } from '../places/embedded-defaults.ts'
import { engineCommand } from '../studio/command.ts'

const { balanced } = embeddedDefaults.presets

const input = z.object({
  ...modelFields,
  out: z.string().default('out/demo').meta({ description: 'folder for the contact sheet and the adapters', placeholder: 'DIR' }),
  steps: z.int().min(1).default(balanced.steps).meta({ description: 'training steps of each style' }),
  rank: z.int().min(1).default(balanced.rank).meta({ description: 'rank of the adapters', placeholder: 'R' }),
  members: trainRequest.shape.members.unwrap().default(balanced.members).meta({
    description: 'members that share the rank out, trained apart and averaged',
  }),
  layers: withDefault(trainRequest.shape.layers, balanced.layers),
  batch: z.int().min(1).default(balanced.batch).meta({ description: 'pictures a step', placeholder: 'B' }),
  lr: z.number().positive().default(balanced.lr).meta({ description: 'highest learning rate', placeholder: 'X' }),
  seed: z.int().min(0).default(7).meta({ description: 'seed of training and pictures', placeholder: 'S' }),
  sampleSteps: z.int().min(1).default(16).meta({ description: 'sampling steps of each picture' }),
})

export const demo = engineCommand({
  summary: 'Train two styles on the shipped sample sets, stack them, and draw a contact sheet: four to five minutes on two cores.',
  order: 8,
  input,
  run: (engine, given, watching) => engine.call('demo', given, watching),
})
