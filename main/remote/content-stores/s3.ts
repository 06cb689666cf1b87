// An S3-compatible store: `s3://bucket/prefix` with the usual variables of the environment, requests signed with Signature Version 4.
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { PigmentError } from '../../../engine/requests/error.ts'
import { hashOfFile, type ContentStore, type ContentStoreKind } from '../content-store.ts'

interface S3Place {
  readonly endpoint: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
  readonly bucket: string
  readonly prefix: string
}

export const s3: ContentStoreKind = {
  name: 's3',
  open: (address) => (address.startsWith('s3://') ? s3Store(placeOf(address, process.env)) : undefined),
}

/** Throws `s3-address`, `s3-keys`. */
function placeOf(address: string, environment: NodeJS.ProcessEnv): S3Place {
  const [, bucket, prefix = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]*)(?:\/(.*?))?\/?$/.exec(address) ?? []
  if (!bucket) throw new PigmentError('s3-address', `"${address}" names no bucket. Give one such as s3://bucket/folder.`, { address })
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = environment
  if (!accessKeyId || !secretAccessKey)
    throw new PigmentError(
      's3-keys',
      `${address} needs keys: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_ENDPOINT_URL where the store is not Amazon's.`,
      { address },
    )
  const region = environment.AWS_REGION ?? environment.AWS_DEFAULT_REGION ?? 'us-east-1'
  const endpoint = (environment.AWS_ENDPOINT_URL ?? `https://s3.${region}.amazonaws.com`).replace(/\/$/, '')
  return { endpoint, region, accessKeyId, secretAccessKey, sessionToken, bucket, prefix }
}

/** One request takes so much: S3's own limit. Larger files would need parts. */
const largest = 5 * 2 ** 30

function s3Store({ endpoint, bucket, prefix, ...keys }: S3Place): ContentStore {
  const shown = `s3://${[bucket, prefix].filter(Boolean).join('/')}`
  const urlOf = (name: string): string => [endpoint, bucket, prefix, name].filter(Boolean).join('/')
  const ask = async (name: string, init: RequestInit & { duplex?: 'half' }, allowed: readonly number[]): Promise<Response> => {
    const { AwsClient } = await import('aws4fetch')
    const client = new AwsClient({ ...keys, service: 's3', retries: 0 })
    // Signed first and sent as it is: a body that streams cannot be signed, and is named by its hash in place of that.
    const signed = await client.sign(urlOf(name), { ...init, body: null })
    const { body, duplex, method = 'GET' } = init
    const response = await again(
      () => fetch(signed.url, { method, headers: signed.headers, ...(body ? { body, duplex } : {}) } as RequestInit),
      body ? 0 : 2,
    )
    if (response.ok || allowed.includes(response.status)) return response
    const said = /<Code>([^<]*)<\/Code>/.exec(await response.text())?.[1] ?? response.statusText
    throw new PigmentError(
      's3-refused',
      `${shown} answered ${response.status} (${said}) to ${method} ${name}. Check its keys, its region and the bucket.`,
      {
        store: shown,
        name,
        status: response.status,
        said,
      },
    )
  }
  return {
    shown,
    async has(name) {
      return (await ask(name, { method: 'HEAD' }, [404])).ok
    },
    async put(name, file) {
      const { size } = await stat(file)
      if (size > largest)
        throw new PigmentError('s3-too-large', `"${file}" has ${size} bytes; ${shown} takes ${largest} in one request.`, {
          file,
          size,
          largest,
        })
      const { hash } = await hashOfFile(file)
      // undici takes the length from the header of a stream.
      const body = Readable.toWeb(createReadStream(file)) as unknown as RequestInit['body']
      const headers = { 'content-length': String(size), 'x-amz-content-sha256': hash }
      await ask(name, { method: 'PUT', headers, body: size > 0 ? body : null, duplex: 'half' }, [])
    },
    async read(name) {
      const response = await ask(name, {}, [404])
      if (response.ok) return (response.body ?? []) as AsyncIterable<Uint8Array>
      throw new PigmentError('content-missing', `"${name}" is not in ${shown}. Does every machine name the same store?`, {
        store: shown,
        name,
      })
    },
    async remove(name) {
      await ask(name, { method: 'DELETE' }, [404])
    },
  }
}

/** A connection that was cut is made again; an answer, whatever it says, is one. */
async function again(send: () => Promise<Response>, more: number): Promise<Response> {
  try {
    return await send()
  } catch (error) {
    if (more > 0) return again(send, more - 1)
    const why = error instanceof Error ? String((error.cause as Error | undefined)?.message ?? error.message) : String(error)
    throw new PigmentError('s3-unreachable', `The store cannot be reached: ${why}. Check AWS_ENDPOINT_URL and the network.`, { why }, error)
  }
}
