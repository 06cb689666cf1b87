import type { GenerateRequest } from '../requests/generate.ts'
import { noiseSourceNames } from '../requests/noise-names.ts'
import { noiseSources } from './index.ts'
import type { NoiseSource } from './noise-source.ts'
import { pigment } from './pigment.ts'

/** The source that a request names. */
export const noiseSourceOf = ({ noiseSource }: Pick<GenerateRequest, 'noiseSource'>): NoiseSource =>
  noiseSources.find(({ name }) => name === noiseSource) ?? pigment

/** What a program's pictures are drawn from, where they do not say. */
export const noiseSourceOfProgram = (program: string): GenerateRequest['noiseSource'] | undefined =>
  noiseSourceNames.find((name) => noiseSources.some((source) => source.name === name && source.programs.includes(program)))
