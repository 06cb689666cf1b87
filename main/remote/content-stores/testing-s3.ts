// A store for tests that speaks as much of S3 as is asked of one, and refuses what is not signed as the specification has it.
import { createHash, createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface TestS3 extends AsyncDisposable {
  readonly url: string
  readonly objects: Map<string, Buffer>
  /** Requests so far, by method and path. */
  readonly asked: string[]
  /** So many of the next connections are cut. */
  cut: number
}

const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex')
const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest()

export async function startS3(keys: { readonly id: string; readonly secret: string }): Promise<TestS3> {
  const objects = new Map<string, Buffer>()
  const asked: string[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const { method = '', url = '' } = request
      if (s3.cut > 0) return void (s3.cut--, request.socket.destroy())
      asked.push(`${method} ${url}`)
      const body = Buffer.concat(parts)
      const wrong = refusal(request, body, keys)
      if (wrong) return void response.writeHead(403).end(`<Error><Code>${wrong}</Code></Error>`)
      if (method === 'PUT') objects.set(url, body)
      else if (method === 'DELETE') objects.delete(url)
      else if (!objects.has(url)) return void response.writeHead(404).end()
      response.writeHead(200).end(method === 'GET' ? objects.get(url) : undefined)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const s3: TestS3 = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects,
    asked,
    cut: 0,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return s3
}

/** AWS Signature Version 4, of the header. */
function refusal(
  { method, url, headers }: IncomingMessage,
  body: Buffer,
  { id, secret }: { id: string; secret: string },
): string | undefined {
  const [, credential = '', signed = '', signature] =
    /Credential=([^,]+), *SignedHeaders=([^,]+), *Signature=(\w+)/.exec(headers.authorization ?? '') ?? []
  const [key, day = '', region = '', service = ''] = credential.split('/')
  if (key !== id) return 'InvalidAccessKeyId'
  const content = String(headers['x-amz-content-sha256'])
  if (content !== 'UNSIGNED-PAYLOAD' && content !== sha256(body)) return 'XAmzContentSHA256Mismatch'
  const names = signed.split(';')
  const canonical = [method, url, '', ...names.map((name) => `${name}:${String(headers[name]).trim()}`), '', signed, content].join('\n')
  const scope = `${day}/${region}/${service}/aws4_request`
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(canonical)].join('\n')
  const signing = [day, region, service, 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secret}`)
  return createHmac('sha256', signing).update(text).digest('hex') === signature ? undefined : 'SignatureDoesNotMatch'
}
