// Where a course ends, as a share of the learning rate: an option that several courses have.
import { z } from 'zod'

export const minimum = (usual: number) =>
  z.number().min(0).max(1).default(usual).meta({ description: 'where it ends, as a share of the learning rate', step: 0.05 })

/** From 1 to 0 as from 1 to the least. */
export const notBelow = (least: number, factor: number): number => Math.max(0, factor * (1 - least) + least)
