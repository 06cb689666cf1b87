// Zhang et al. 2023, "AdaLoRA" (arXiv 2303.10512), as peft saves it: ΔW = alpha / (R₀ + 1e-5) · B · (A ⊙ E), with the rank R₀ that it began with and
// the R that remained of it. A convolution's A has its window beside its inputs. Elsewhere it is the LoRA that it equals. Reference: peft
// tuners/adalora/layer.py.
import type { Tensor } from '../../tensor/tensor.ts'
import type { AdapterModule } from '../adapter.ts'
import { lora, loraFields, loraModule } from './lora.ts'
import type { AdapterVariant } from './variant.ts'

/** The same ΔW without E. */
function plain(module: AdapterModule): AdapterModule {
  const { down, up, diagonal } = module.tensors as Readonly<Record<'down' | 'up' | 'diagonal', Tensor>>
  const rank = diagonal.data.length
  const scaled = up.data.map((value, i) => value * (diagonal.data[i % rank] ?? 0))
  return loraModule(module, { down, up: { shape: up.shape, data: scaled }, alpha: module.alpha })
}

export const adalora: AdapterVariant = {
  name: 'adalora',
  title: 'AdaLoRA',
  // A pair's names, and those under which PEFT has parameters in memory.
  spelling: {
    down: { ...lora.spelling.down, peft: [...(lora.spelling.down?.peft ?? []), '.lora_A.default'] },
    up: { ...lora.spelling.up, peft: [...(lora.spelling.up?.peft ?? []), '.lora_B.default'] },
    diagonal: { peft: ['.lora_E', '.lora_E.*'] },
  },
  needs: 'an AdaLoRA module needs lora_A, lora_B and lora_E.',
  takes: 'tensors of',
  scaled: true,
  inward: 'down',
  peft: {
    type: 'ADALORA',
    writtenAs: 'LORA',
    alpha: 'lora_alpha',
    rank: 'init_r',
    scale: ({ alpha, rank }) => (alpha > 0 ? alpha : rank) / (rank + 1e-5),
    fields: () => loraFields,
  },

  fit(weight, parts) {
    const { down, diagonal } = parts
    const fit = lora.fit(weight, parts)
    if (!('shapes' in fit)) return fit
    const [, I = 0, ...kernel] = weight
    const rank = down?.shape[0] ?? 0
    const beside = [rank, kernel.reduce((a, b) => a * b, I)].join()
    if (diagonal?.shape[0] !== rank)
      return {
        broken: `the ranks differ: "${down?.name}" is [${down?.shape.join(', ')}], "${diagonal?.name}" is [${diagonal?.shape.join(', ')}].`,
      }
    return { shapes: { ...fit.shapes, diagonal: [rank, 1] }, accepted: down?.shape.join() === beside ? ['down'] : [] }
  },
  stored: (module) => plain(module).tensors,
  plain,
  rank: (module) => lora.rank(module),
  kinds: () => ['low-rank'],
  terms: (module, base) => lora.terms(plain(module), base),
  values: (module) => lora.values(plain(module)),
  distance: (module, other) => lora.distance(plain(module), plain(other)),
}
