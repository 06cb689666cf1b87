// How the passes of a step become one prediction: each guide wraps the predictor of those before it.
import type { NoiseProcess } from '../processes/process.ts'
import type { GenerateRequest } from '../requests/generate.ts'

/** What the passes of a step say, in the model's own prediction type. */
export interface Guided {
  /** What the guides so far make of them. */
  readonly output: Float32Array
  /** Of the prompt, by the pass that is guided. */
  readonly prompt: Float32Array
  /** Of the negative prompt, where it is asked. */
  readonly negative?: Float32Array
}

export type GuidedPredictor = (x: Float32Array, timestep: number, step: number) => Promise<Guided>

/** One pass of the prompt's. */
export type Pass = (x: Float32Array, timestep: number) => Promise<Float32Array>

export interface Passes {
  /** The prompt under the stack, where adapters are guided apart and the guided passes are the model's alone. */
  readonly adapted?: Pass | undefined
  /** The prompt under the stack and nothing else. */
  readonly last: Pass
  /** How many lie one behind the other in every vector. */
  readonly pictures: number
  readonly process: NoiseProcess
}

export type GuideSettings = Pick<
  GenerateRequest,
  'steps' | 'cfg' | 'adapterGuidance' | 'guidanceStart' | 'guidanceStop' | 'cfgRescale' | 'cfgRescaleAs'
>

export interface Guide {
  readonly name: string
  /** The lower wraps first. */
  readonly place: number
  wrap(inner: GuidedPredictor, settings: GuideSettings, passes: Passes): GuidedPredictor
}
