// What the tensors of a textual inversion are called, in a file of its own or in an adapter's, behind `bundle_emb.NAME.`
import { families } from '../models/families/index.ts'

/** Encoders as these files name them. */
const encoders: ReadonlySet<string> = new Set(
  families.flatMap(({ textEncoders }) => textEncoders.map(({ inAdapters }) => inAdapters.comfyui)),
)

/** A1111's one tensor, OneTrainer's spelling of it, and that of a .pt that somebody made a .safetensors of. */
const onlyEncoder = /^(emb_params|emp_params|string_to_param\..*)$/
/** Added to what an encoder says, by OneTrainer alone. */
const output = /^(emp_params|clip_[a-z]|t5\w*)_out$/
/** Text encoders of other families. */
const others = /^(t5\w*|qwen\w*|llama\w*|gemma\w*)$/

/** Whose vectors a tensor of this name are: an encoder's, '' for the only one; or why it is not used. Undefined for any other name. */
export function partCalled(name: string): { readonly encoder: string } | { readonly reason: string } | undefined {
  if (onlyEncoder.test(name)) return { encoder: '' }
  if (encoders.has(name) || others.test(name)) return { encoder: name }
  if (output.test(name)) return { reason: 'Vectors behind the text encoder, which only OneTrainer has, are not supported.' }
  return undefined
}

/** The name and the part that a tensor in an adapter's file stands for; a name may have dots in it. */
export function bundledPart(key: string): { readonly name: string; readonly part: string } | undefined {
  const [, name, part] = /^bundle_emb\.(.+?)\.(string_to_param\..*|[^.]+)$/s.exec(key) ?? []
  return name === undefined || part === undefined ? undefined : { name, part }
}
