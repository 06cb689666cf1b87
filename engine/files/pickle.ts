// Pickle files run code while they load. They are never read, whatever they are called.
import { PigmentError } from '../requests/error.ts'

const extensions = /\.(ckpt|pt|pth|bin|pkl|pickle)$/i

/** Throws `pickle-refused` when the name or the first bytes (some hundreds are enough) are those of a Python pickle, and `packed-archive`. */
export function refusePickle(path: string, first: Uint8Array): void {
  const evidence = zipHoldsPickle(first) ?? rawPickle(first) ?? extensions.exec(path)?.[0]
  if (evidence === undefined && isZip(first)) throw packed(path)
  if (evidence === undefined) return
  throw new PigmentError(
    'pickle-refused',
    `"${path}" is a Python pickle file (${evidence}), and loading one can run any program hidden in it, so Pigment never opens them. ` +
      'Get the .safetensors version of the same model, or convert it on a machine you can spare: load it in Python with ' +
      'torch.load(…, weights_only=True) and save the tensors with safetensors.torch.save_file.',
    { path, evidence },
  )
}

/** A folder's pickle, where nothing in it is of the kind that is opened. */
export const onlyPickle = (names: readonly string[]): string | undefined =>
  names.some((name) => /\.safetensors(\.index\..*json)?$/i.test(name)) ? undefined : names.find((name) => extensions.test(name))

/** Throws `pickle-refused` for a folder that has its weights only as pickles. */
export function refusePickledFolder(path: string, names: readonly string[]): void {
  const pickle = onlyPickle(names)
  if (pickle === undefined) return
  throw new PigmentError(
    'pickle-refused',
    `"${path}" has its weights only as "${pickle}", a Python pickle, and loading one can run any program hidden in it, so Pigment never opens them. ` +
      'Get the .safetensors version of the same model.',
    { path, evidence: pickle },
  )
}

/** torch.save since 1.6: a zip whose first member is `<name>/data.pkl`. */
function zipHoldsPickle(first: Uint8Array): string | undefined {
  return isZip(first) && latin1(first).includes('data.pkl') ? 'a zip archive with data.pkl' : undefined
}

const isZip = (first: Uint8Array): boolean => startsWith(first, [0x50, 0x4b, 0x03, 0x04])

const packed = (path: string): PigmentError =>
  new PigmentError('packed-archive', `"${path}" is a zip archive. Unpack it, and choose the file or the folder of pictures inside.`, {
    path,
  })

/** Protocol 2 to 5: PROTO and its number. A safetensors file of a 640-byte header begins with the same two bytes, but has "{" at byte 8. */
function rawPickle(first: Uint8Array): string | undefined {
  const protocol = first[1] ?? 0
  if (first[0] !== 0x80 || protocol < 2 || protocol > 5) return undefined
  const safetensors = first[8] === 0x7b && first.subarray(2, 8).every((byte, i) => i < 2 || byte === 0)
  return safetensors ? undefined : `pickle protocol ${protocol}`
}

function startsWith(bytes: Uint8Array, prefix: readonly number[]): boolean {
  return prefix.every((byte, i) => bytes[i] === byte)
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, 4096))
}
