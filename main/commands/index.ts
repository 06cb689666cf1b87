// Every command, in the order of the help. Those of the screens are many; `studio` lists them.
import type { Command } from '../api/command.ts'
import { demo } from './demo.ts'
import { doctor } from './doctor.ts'
import { exportAdapter } from './export.ts'
import { generate } from '../operations/generate.ts'
import { inspect } from './inspect.ts'
import { models } from './models.ts'
import { studioMethods } from './studio-methods.ts'
import { studio } from './studio.ts'
import { train } from '../operations/train.ts'

export const commands: readonly Command[] = [train, generate, exportAdapter, inspect, models, doctor, studio, demo, ...studioMethods]
