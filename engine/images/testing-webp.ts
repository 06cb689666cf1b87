// A lossless WebP of one colour: a file of a few dozen bytes that decodes to as many pixels as its header claims.

/** Google's WebP Lossless Bitstream Specification, §3 (header), §5 and §6: every prefix code has one symbol, so that pixels take no bits. */
export function plainWebp(width: number, height: number): Uint8Array {
  const bits: number[] = []
  const put = (value: number, count: number): void => {
    for (let i = 0; i < count; i++) bits.push((value >> i) & 1)
  }
  put(width - 1, 14)
  put(height - 1, 14)
  put(0, 1) // no alpha
  put(0, 3) // version
  put(0, 1) // no transform
  put(0, 1) // no colour cache
  put(0, 1) // one group of prefix codes
  for (let code = 0; code < 5; code++) {
    put(1, 1) // simple
    put(0, 1) // one symbol
    put(0, 1) // of one bit
    put(0, 1)
  }
  const bytes = Array.from({ length: Math.ceil(bits.length / 8) }, (_, at) =>
    bits.slice(at * 8, at * 8 + 8).reduce((byte, bit, i) => byte | (bit << i), 0),
  )
  const stream = Buffer.from([0x2f, ...bytes])
  const padded = Buffer.concat([stream, Buffer.alloc(stream.length % 2)])
  const head = Buffer.from('RIFF....WEBPVP8L....', 'latin1')
  head.writeUInt32LE(12 + padded.length, 4)
  head.writeUInt32LE(stream.length, 16)
  return Buffer.concat([head, padded])
}
