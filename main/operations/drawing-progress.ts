// What is told of a picture while it is drawn: steps, and previews where they take little of the time that is left.
import { encodePng } from '../../engine/images/write-png.ts'
import type { Model } from '../../engine/sessions/open-model.ts'
import type { Tensor } from '../../engine/tensor/tensor.ts'
import type { OperationContext } from '../processes/operation.ts'
import type { DrawingEvent } from './events.ts'

export interface Drawing {
  step(event: { step: number; steps: number; rate: number }): void
  /** Whether a preview of this step is wanted, and where it goes. */
  preview?(step: number, steps: number, model: Model, denoised: Tensor): Promise<void>
}

/** Steps count over all pictures of a job. */
export function drawingProgress(
  { emit }: Pick<OperationContext<DrawingEvent>, 'emit'>,
  { before, total }: { before: number; total: number },
  wanted: boolean,
): Drawing {
  let cost = 0
  let last = performance.now()
  let stepTime = Infinity
  return {
    step({ step, rate }) {
      emit({ type: 'step', step: before + step, steps: total, rate })
    },
    ...(wanted
      ? {
          async preview(step: number, steps: number, model: Model, denoised: Tensor): Promise<void> {
            const now = performance.now()
            stepTime = now - last
            last = now
            const often = Math.max(1, Math.ceil(steps / 8), Math.ceil((cost * 4) / stepTime))
            if (step >= steps || step % often !== 0) return
            const { decode } = await import('../../engine/sessions/decode.ts')
            const { rgb, width, height } = await decode(model, denoised)
            emit({ type: 'preview', step: before + step, steps: total, png: await encodePng({ width, height, data: rgb }) })
            cost = performance.now() - now
            last = performance.now()
          },
        }
      : {}),
  }
}
