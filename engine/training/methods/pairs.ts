// What methods have in common that train ordinary pairs, B·A, and change them in the graph or in the plan alone.
import { lora } from '../../adapters/variants/lora.ts'
import type { TensorSource } from '../../checkpoint/config.ts'
import { PigmentError } from '../../requests/error.ts'
import { readWeight } from '../../weights/read-weight.ts'
import { adaptedLayers, type Acting, type AdaptedLayers } from '../adapted-layers.ts'
import { adapterPlan } from '../adapter-plan.ts'
import type { MethodAt, OpenMethod } from './method.ts'

/** Throws `method-variant`: the variant of the request must be LoRA. */
export function onlyPairs(method: string, { variant = lora.name }: { readonly variant?: string | undefined }): void {
  if (variant === lora.name) return
  const sentence = `${method} trains a ${lora.title} and no other adapter. Choose ${lora.title}, or another method.`
  throw new PigmentError('method-variant', sentence, { method, variant, needs: lora.title })
}

/** The method that trains all of them as they are. Throws `members-rank`; its plan `continue-mismatch`. */
export function openPairs({ graph, request }: MethodAt, acting: Acting = {}): OpenMethod & { readonly layers: AdaptedLayers } {
  const layers = adaptedLayers(graph, request, acting)
  return {
    layers,
    parameters: layers.parameters,
    trainedOf: () => layers.trained,
    plan: (initial) =>
      adapterPlan(layers, request, ({ network, path }) => readWeight(network.weights.get(`${path}.weight`) as TensorSource), initial),
  }
}
