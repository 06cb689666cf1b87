// `<lora:name:0.8>` in a prompt, as A1111 and Forge read it (modules/extra_networks.py, extensions-builtin/Lora/extra_networks_lora.py), and the
// blocks of hako-mikan's sd-webui-lora-block-weight.
import { isBlockWeights } from '../../engine/requests/block-weights.ts'
import { strengthText, type SaidStrength, type Strength } from '../../engine/requests/strength.ts'

export interface LoraMention extends SaidStrength {
  readonly name: string
  /** What else the tag asks for, as written: options of extensions, which do nothing here. */
  readonly ignored?: readonly string[]
}
export interface ParsedPrompt {
  /** Without the mentions. */
  readonly text: string
  readonly loras: readonly LoraMention[]
}

/** `lyco` is A1111's other name for the same. */
const tags = /<(?:lora|lyco):([^<>\n]{1,400})>/g
/** As strong as --lora may be; beyond, a picture is nothing but its adapter, or no numbers. */
const strongest = 100
const number = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)\s*$/

/** Takes the mentions out of a prompt. Of one name the last counts, as in A1111. A tag that cannot be read stays. */
export function parsePrompt(prompt: string): ParsedPrompt {
  const loras = new Map<string, LoraMention>()
  const text = prompt.replace(tags, (whole, inside: string) => {
    const found = mentionOf(inside)
    if (!found) return whole
    loras.set(found.name, found)
    return ''
  })
  const tidy = text
    .replace(/[^\S\n]{2,}/g, ' ')
    .replace(/ ,/g, ',')
    .replace(/\s*,(?:\s*,)+/g, ',')
    .trim()
  return { text: loras.size > 0 ? tidy : prompt, loras: [...loras.values()] }
}

/**
 * `name`, `name:0.8`, `name:TE:UNET` or `name:te=…:unet=…`: the second strength is that of the UNet, and the first where it is not given. `lbw=…` or
 * `w=…`, or a list or preset in its place, weighs the blocks.
 */
function mentionOf(inside: string): LoraMention | undefined {
  const parts = inside.split(':')
  const named = new Map<string, string>()
  const [name = '', first, second, ...more] = parts.filter((part, i) => {
    const [, key, value = ''] = /^\s*(\w+)\s*=(.*)$/s.exec(part) ?? (isBlockWeights(part) ? [part, 'lbw', part] : [])
    if (i === 0 || key === undefined) return true
    named.set(key, value)
    return false
  })
  const te = named.get('te') ?? first ?? '1'
  const unet = named.get('unet') ?? second ?? te
  if (name.trim() === '' || ![te, unet].every((strength) => number.test(strength) && Math.abs(Number(strength)) <= strongest))
    return undefined
  const lbw = named.get('lbw') ?? named.get('w')
  const ignored = [
    ...more.map((rank) => `dyn=${rank.trim()}`),
    ...Array.from(named, ([key, value]) => `${key}=${value}`).filter((option) => !/^(te|unet|lbw|w)=/.test(option)),
  ]
  return {
    name: name.trim(),
    weight: Number(unet),
    ...(Number(te) === Number(unet) ? {} : { textWeight: Number(te) }),
    ...(lbw === undefined ? {} : { lbw: lbw.trim() }),
    ...(ignored.length > 0 ? { ignored } : {}),
  }
}

/** How a mention is written. */
export const loraMention = (name: string, strength: Strength): string =>
  `<lora:${name}:${strengthText(strength, (value) => Number(value.toFixed(2)))}>`
