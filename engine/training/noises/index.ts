// Written by build/write-indexes.ts; do not edit. What is made of the noise of a step, one kind a file, in the order in which they act.
import type { NoiseKind } from './noise.ts'
import { offset } from './offset.ts'
import { perturbation } from './perturbation.ts'
import { pyramid } from './pyramid.ts'

export const noiseKinds: readonly NoiseKind[] = [offset, perturbation, pyramid]
