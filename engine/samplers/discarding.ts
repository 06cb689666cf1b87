// A1111 and ComfyUI leave out the last noise level but one for some solvers, whose steps are poor there.
import { z } from 'zod'

export const discardOption = (usual: boolean) =>
  z.boolean().default(usual).meta({
    description: 'leave out the last noise level but one',
    written: 'Discard penultimate sigma',
  })
