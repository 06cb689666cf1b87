// What adapter files call the text encoders, as each family says.
import type { Component } from '../adapters/adapter.ts'
import type { Family } from '../checkpoint/config.ts'
import { families } from '../models/families/index.ts'
import { familyCalled } from '../models/family-called.ts'
import type { TextEncoderRules } from '../models/family.ts'

type Names = TextEncoderRules['inAdapters']
type Encoder = Exclude<Component, 'unet'>

/** The names that are written for a family's encoder. */
export function encoderNames(family: Family, component: Encoder): Names {
  const found = familyCalled(family).textEncoders.find(({ folder }) => folder === component)
  if (!found) throw new Error(`The family "${family}" has no ${component}.`)
  return found.inAdapters
}

/** All that any family calls the encoder: files of one family are read with the names of another. */
export function encoderNamesRead(component: Encoder): { readonly kohya: ReadonlySet<string>; readonly comfyui: ReadonlySet<string> } {
  const own = families.flatMap(({ textEncoders }) => textEncoders.filter(({ folder }) => folder === component))
  return {
    kohya: new Set(own.map(({ inAdapters }) => inAdapters.kohya)),
    comfyui: new Set(own.map(({ inAdapters }) => inAdapters.comfyui)),
  }
}
