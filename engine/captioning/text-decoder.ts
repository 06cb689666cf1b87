// The text half of a captioner as optimum exports it: which inputs it has is read off the file, and each is fed by its name.
import { PigmentError } from '../requests/error.ts'
import type { FileFeed, FilePort, FileResult, FileSession } from '../runtime/file-session.ts'
import type { NextToken } from './generate-text.ts'

/** What the picture half gave: (1, P, D). */
export type Seen = FileResult

interface Step {
  readonly sequences: readonly (readonly number[])[]
  readonly seen: Seen
}

/** Every text is computed anew with each token: the cache of a merged decoder is left empty. Captions are short. */
const inputs: Readonly<Record<string, (step: Step, port: FilePort) => FileFeed>> = {
  input_ids: ({ sequences }, port) => whole(port, sequences.length, sequences[0]?.length ?? 0, (row, at) => sequences[row]?.[at] ?? 0),
  attention_mask: ({ sequences }, port) => whole(port, sequences.length, sequences[0]?.length ?? 0, () => 1),
  position_ids: ({ sequences }, port) => whole(port, sequences.length, sequences[0]?.length ?? 0, (_, at) => at),
  encoder_attention_mask: ({ sequences, seen }, port) => whole(port, sequences.length, seen.shape[1] ?? 0, () => 1),
  encoder_hidden_states: ({ sequences, seen }) => {
    const data = new Float32Array(seen.data.length * sequences.length)
    for (let row = 0; row < sequences.length; row++) data.set(seen.data, row * seen.data.length)
    return { type: 'float32', shape: [sequences.length, ...seen.shape.slice(1)], data }
  },
  use_cache_branch: () => ({ type: 'bool', shape: [1], data: Uint8Array.of(0) }),
}
const past = /^past_key_values\./

/** Throws `decoder-input` where it takes what is not known here, or gives no logits. */
export function textDecoder(session: FileSession, file: string): (seen: Seen) => NextToken {
  const ports = session.inputs
  const unknown = ports.filter(({ name }) => !Object.hasOwn(inputs, name) && !past.test(name)).map(({ name }) => name)
  const gives = session.outputs.some(({ name }) => name === 'logits')
  if (unknown.length > 0 || !gives) {
    const reason = gives ? `it takes ${unknown.join(', ')}` : 'it gives no "logits"'
    throw new PigmentError(
      'decoder-input',
      `The decoder is of another kind: ${reason}. Export it with optimum (task image-to-text), whose decoders take ${Object.keys(inputs).join(', ')} and past_key_values.`,
      { path: file, reason, unknown },
    )
  }
  const single = ports.find(({ name }) => name === 'input_ids')?.shape[0] === 1
  return (seen) => async (sequences) => {
    const batches = single ? sequences.map((one) => [one]) : [sequences]
    const rows: Float32Array[] = []
    for (const batch of batches) rows.push(...(await logitsOf(batch, seen)))
    return rows
  }

  async function logitsOf(sequences: Step['sequences'], seen: Seen): Promise<Float32Array[]> {
    const feeds = Object.fromEntries(ports.map((port) => [port.name, feedOf(port, { sequences, seen })]))
    const { data, shape } = await session.run(feeds, 'logits')
    const [rows = 0, length = 0, words = 0] = shape
    return Array.from({ length: rows }, (_, row) => data.subarray(((row + 1) * length - 1) * words, (row + 1) * length * words))
  }
}

function feedOf(port: FilePort, step: Step): FileFeed {
  const known = inputs[port.name]
  if (known) return known(step, port)
  const [, heads, , width] = port.shape
  const sizes = [heads, width].map((size) => (typeof size === 'number' ? size : 1))
  return { type: 'float32', shape: [step.sequences.length, sizes[0] ?? 1, 0, sizes[1] ?? 1], data: new Float32Array() }
}

function whole({ type }: FilePort, rows: number, length: number, value: (row: number, at: number) => number): FileFeed {
  const numbers = Array.from({ length: rows * length }, (_, i) => value(Math.floor(i / length), i % length))
  const shape = [rows, length]
  if (type === 'float32') return { type, shape, data: Float32Array.from(numbers) }
  return type === 'int32'
    ? { type, shape, data: Int32Array.from(numbers) }
    : { type: 'int64', shape, data: BigInt64Array.from(numbers, BigInt) }
}
