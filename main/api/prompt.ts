// `<lora:name:0.8>` in a prompt, as A1111 and Forge read it (modules/extra_networks.py, extensions-builtin/Lora/extra_networks_lora.py), and the
// blocks and steps of hako-mikan's sd-webui-lora-block-weight; strengths by step, `1@0,0.3@0.5`, of cheald's sd-webui-loractl.
import { isBlockWeights } from '../../engine/requests/block-weights.ts'
import { readCurve } from '../../engine/requests/strength-course.ts'
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
 * `w=…`, or a list or preset in its place, weighs the blocks, with `x=…` for what X of it stands for. `start=…`, `stop=…` and `step=a-b` are steps,
 * `curve=…` a curve between. Strengths with their places, as loractl has them, are a curve: the text encoders have the first of them.
 */
function mentionOf(inside: string): LoraMention | undefined {
  const parts = inside.split(':')
  const named = new Map<string, string>()
  const [name = '', first, second, ...more] = parts.filter((part, i) => {
    const [, key, value = ''] = /^\s*(\w+)\s*=(.*)$/s.exec(part) ?? (isBlockWeights(part) && !part.includes('@') ? [part, 'lbw', part] : [])
    if (i === 0 || key === undefined) return true
    named.set(key, value)
    return false
  })
  const said = { te: named.get('te') ?? first ?? '1', unet: named.get('unet') ?? second ?? named.get('te') ?? first ?? '1' }
  const te = said.te.includes('@') ? firstOf(said.te) : said.te
  const curve = said.unet.includes('@') ? said.unet.trim() : named.get('curve')
  const unet = said.unet.includes('@') ? '1' : said.unet
  if (name.trim() === '' || ![te, unet].every((strength) => number.test(strength) && Math.abs(Number(strength)) <= strongest))
    return undefined
  const lbw = named.get('lbw') ?? named.get('w')
  const ignored = [
    ...more.map((rank) => `dyn=${rank.trim()}`),
    ...Array.from(named).flatMap(([key, value]) => (taken.has(key) ? [] : `${key}=${value}`)),
  ]
  return {
    name: name.trim(),
    weight: Number(unet),
    ...(Number(te) === Number(unet) ? {} : { textWeight: Number(te) }),
    ...(lbw === undefined ? {} : { lbw: lbw.trim() }),
    ...Object.fromEntries(asSaid.flatMap((key) => (named.has(key) ? [[key, named.get(key)?.trim()]] : []))),
    ...(curve === undefined ? {} : { curve: curve.trim() }),
    ...(ignored.length > 0 ? { ignored } : {}),
  }
}

/** Options that are read as they stand. */
const asSaid = ['start', 'stop', 'step', 'x', 'lbwe'] as const
const taken = new Set<string>(['te', 'unet', 'lbw', 'w', 'curve', ...asSaid])

/** The strength at the first of some places; the whole text where they cannot be read. */
function firstOf(places: string): string {
  try {
    return String(readCurve(places).points[0]?.factor ?? 1)
  } catch {
    return places
  }
}

/** How a mention is written. */
export const loraMention = (name: string, strength: Strength): string =>
  `<lora:${name}:${strengthText(strength, { number: (value) => Number(value.toFixed(2)) })}>`
