// Captioners of two halves, as optimum exports them and transformers.js has them: BLIP, or a vision encoder with a text decoder (vit-gpt2).
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { PigmentError } from '../../requests/error.ts'
import type { Captioner } from '../captioner.ts'
import { generateText } from '../generate-text.ts'
import { captionerFile, isTable, readJson, type Table } from '../json-files.ts'
import { readPictureInput } from '../picture-input.ts'
import { textDecoder, type Seen } from '../text-decoder.ts'
import { readTokenTexts } from '../token-texts.ts'

const options = z.object({
  beams: z.int().min(1).max(10).default(3).meta({
    description: 'texts that are followed at once: more find a more probable caption, and take as many times as long; 1 is greedy',
  }),
  maxTokens: z.int().min(1).max(256).default(40).meta({ description: 'tokens that a caption may have' }),
})

/** As published, whole before quantised: the first that is there is taken. */
const variants = ['', '_fp16', '_quantized', '_int8', '_uint8', '_q4', '_bnb4']
const named = (...stems: readonly string[]): readonly string[] =>
  variants.flatMap((variant) => stems.map((stem) => `${stem}${variant}.onnx`))
/** Pictures whose encoding is kept: another number of beams looks at none again. */
const mostKnown = 16

export const describer: Captioner = {
  name: 'describer',
  title: 'Captioner (BLIP)',
  files: [
    { names: named('encoder_model', 'vision_model', 'vision_encoder') },
    { names: named('decoder_model_merged', 'decoder_model', 'text_decoder_model_merged', 'text_decoder_model', 'text_decoder') },
    { names: ['config.json'] },
    { names: ['preprocessor_config.json'] },
    { names: ['tokenizer.json', 'vocab.txt', 'vocab.json'] },
  ],
  options,
  async open([encoderFile = '', decoderFile = '', configFile = '', pictures = '', tokens = ''], { threads }) {
    const [input, text, marks] = await Promise.all([readPictureInput(pictures), readTokenTexts(tokens), marksOf(configFile)])
    const { FileSession } = await import('../../runtime/file-session.ts')
    await using opening = new AsyncDisposableStack()
    const encoder = opening.use(await FileSession.open(encoderFile, { threads }))
    const decoder = opening.use(await FileSession.open(decoderFile, { threads }))
    const nextOf = textDecoder(decoder, decoderFile)
    const [port, output] = [
      encoder.inputs[0]?.name ?? '',
      hiddenOf(
        encoder.outputs.map(({ name }) => name),
        encoderFile,
      ),
    ]
    const known = new Map<string, Seen>()
    const open = opening.move()
    return {
      async say(one, given) {
        const { beams, maxTokens } = options.parse(given)
        let seen = known.get(one.stamp)
        if (!seen) {
          const { data, width, height } = input(await one.picture())
          seen = await encoder.run({ [port]: { type: 'float32', shape: [1, 3, height, width], data } }, output)
        }
        known.delete(one.stamp)
        known.set(one.stamp, seen)
        for (const old of [...known.keys()].slice(0, -mostKnown)) known.delete(old)
        return text(await generateText(nextOf(seen), { ...marks, beams, most: maxTokens }))
      },
      [Symbol.asyncDispose]: () => open.disposeAsync(),
    }
  },
}

/** Of what the encoder gives, the states that the decoder looks at. */
function hiddenOf(names: readonly string[], file: string): string {
  const found = ['last_hidden_state', 'image_embeds', 'hidden_states'].find((name) => names.includes(name)) ?? names[0]
  if (found === undefined) throw captionerFile(file, 'it gives nothing')
  return found
}

/** The token that every text begins with, and those that end it. Throws `captioner-file`. */
async function marksOf(configFile: string): Promise<{ readonly start: number; readonly ends: ReadonlySet<number> }> {
  const config = await readJson(configFile)
  const generation = await readJson(join(dirname(configFile), 'generation_config.json')).catch((error: unknown): Table => {
    if (error instanceof PigmentError && error.code === 'file-not-found') return {}
    throw error
  })
  const inner = (name: string): Table => (isTable(config[name]) ? config[name] : {})
  // BLIP's texts end with its separator; its settings call something else the end.
  const blip = config.model_type === 'blip'
  const [text, decoder] = [inner('text_config'), inner('decoder')]
  const start = blip
    ? (text.bos_token_id ?? 30522)
    : (generation.decoder_start_token_id ?? config.decoder_start_token_id ?? decoder.decoder_start_token_id ?? decoder.bos_token_id)
  const ends = blip ? (text.sep_token_id ?? 102) : (generation.eos_token_id ?? config.eos_token_id ?? decoder.eos_token_id)
  const all = (Array.isArray(ends) ? ends : [ends]).filter((id) => typeof id === 'number')
  if (typeof start !== 'number' || all.length === 0)
    throw captionerFile(configFile, 'it tells neither decoder_start_token_id nor eos_token_id')
  return { start, ends: new Set(all) }
}
