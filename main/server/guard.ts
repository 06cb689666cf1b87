// Who may talk to the loopback server. Any page of any site can send requests to 127.0.0.1; each rule here answers an incident.
import type { IncomingMessage } from 'node:http'

export interface Refusal {
  readonly status: number
  readonly code: string
  readonly message: string
}

const unsafe = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])

/**
 * Host first, on every method: a rebound name carries no Origin on GET. Then Origin and Sec-Fetch-Site on all that can change something; `bearer` says
 * that the request shows the right token, and not merely some header of that name.
 */
export function refuseRequest(request: IncomingMessage, port: number, bearer: boolean): Refusal | undefined {
  const { host, origin } = request.headers
  if (host === undefined || !hostsOf(port).includes(host)) return refusal(403, 'host-refused', 'This host name is not the studio.')
  const site = request.headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && !isPlainVisit(request))
    return refusal(403, 'site-refused', 'Another site may not ask the studio for anything.')
  if (origin !== undefined && !originsOf(port).includes(origin)) return refusal(403, 'origin-refused', 'This origin is not the studio.')
  if (!unsafe.has(request.method ?? '')) return undefined
  // A browser always sends an Origin with these; a program that sends none must show its token (see sessions).
  return origin === undefined && !bearer ? withoutOrigin(request) : undefined
}

const withoutOrigin = ({ headers }: IncomingMessage): Refusal =>
  headers.authorization === undefined
    ? refusal(403, 'origin-refused', 'A request without an Origin needs a token.')
    : refusal(401, 'session-unknown', 'This is not the token of the studio that runs.')

/** A WebSocket carries cookies from any page: its origin must be ours. */
export function refuseUpgrade(request: IncomingMessage, port: number, bearer: boolean): Refusal | undefined {
  const general = refuseRequest(request, port, bearer)
  if (general) return general
  if (request.url !== '/events') return refusal(404, 'not-found', 'There is no such channel.')
  return request.headers.origin === undefined && !bearer ? withoutOrigin(request) : undefined
}

/** Only what a cross-origin page cannot send without asking first. */
export function refuseType(request: IncomingMessage, expected: string): Refusal | undefined {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  return type === expected ? undefined : refusal(415, 'content-type-refused', `Expected content type ${expected}.`)
}

export const hostsOf = (port: number): string[] => ['127.0.0.1', 'localhost', '[::1]'].map((name) => `${name}:${port}`)
export const originsOf = (port: number): string[] => hostsOf(port).map((host) => `http://${host}`)

/** Following the printed link from elsewhere: opens the page and carries nothing. */
function isPlainVisit({ method, url, headers }: IncomingMessage): boolean {
  return method === 'GET' && url === '/' && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document'
}

function refusal(status: number, code: string, message: string): Refusal {
  return { status, code, message }
}
