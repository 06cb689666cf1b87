// Numbers of few bits with a scale beside them, as ComfyUI keeps them: `scale_weight` (and a `scaled_fp8` in the file), or since 0.3.7x `weight_scale` with a
// `comfy_quant` that says the format. One scale for all, or one for each row. Reference: ComfyUI comfy/{ops,quant_ops}.py, QUANTIZATION.md.
import { elementCount } from '../../tensor/tensor.ts'
import type { Quantisation } from './quantisation.ts'

/** Formats of `comfy_quant` whose numbers are stored one by one. */
const plain = ['float8_e4m3fn', 'float8_e5m2', 'int8_tensorwise']
const narrow = /^(F8_E4M3|F8_E5M2|I8)$/
/** Scales of what comes in: only a layer that computes in few bits asks for them. */
const ofInputs = ['input_scale', 'scale_input']

export const scaled: Quantisation = {
  name: 'scaled',
  marks: ['scaled_fp8'],
  async unpacked({ name, dtype, shape }, file) {
    const layer = name.replace(/\.weight$/, '')
    if (layer === name) return undefined
    const named = (part: string): string | undefined => (file.entries.has(`${layer}.${part}`) ? `${layer}.${part}` : undefined)
    const said = named('comfy_quant')
    if (said !== undefined) {
      const format = formatOf(new TextDecoder().decode(await file.bytes(said)))
      if (format === undefined || !plain.includes(format))
        return {
          no: `"${said}" says that it is stored as ${JSON.stringify(format ?? 'nothing')}, in blocks whose scales stand in the order of a graphics card.`,
        }
    }
    const scale = named('scale_weight') ?? named('weight_scale')
    if (scale === undefined) return said === undefined ? undefined : { no: `its scale, "${layer}.weight_scale", is not in the file.` }
    if (!narrow.test(dtype))
      return dtype === 'U8' || dtype === 'F4'
        ? { no: `it is stored as ${dtype} with scales beside it, and nothing says how they belong together.` }
        : undefined
    const count = elementCount(file.entries.get(scale)?.shape ?? [])
    if (count !== 1 && count !== shape[0])
      return { no: `"${scale}" holds ${count} scales, neither one nor one for each of ${shape[0]} rows: it is stored in blocks.` }
    const width = elementCount(shape.slice(1))
    return {
      how: `${dtype} with ${count === 1 ? 'a scale' : 'a scale for each row'}`,
      shape,
      beside: [scale, said, ...ofInputs.map(named)].filter((one) => one !== undefined),
      async read() {
        const [values, scales] = [await file.values(name), await file.values(scale)]
        return { shape, data: values.map((value, i) => value * (scales[count === 1 ? 0 : Math.floor(i / width)] ?? 0)) }
      },
    }
  },
}

function formatOf(text: string): string | undefined {
  try {
    const value = JSON.parse(text) as unknown
    const format = typeof value === 'object' && value !== null && 'format' in value ? value.format : undefined
    return typeof format === 'string' ? format.slice(0, 40) : undefined
  } catch {
    return undefined
  }
}
