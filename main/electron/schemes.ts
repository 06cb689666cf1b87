// Our own schemes instead of files: `app:` for the pages, by a fixed list, and `media:` for pictures, by opaque name.
import { securityHeaders } from '../host/security-headers.ts'
import type { InterfaceFiles } from '../host/interface-files.ts'
import type { StudioHost } from '../host/host.ts'
import type { Electron } from './electron-api.ts'

/** Before the app is ready. Neither may pass by the policy, nor be asked by other origins. */
export function registerSchemes({ protocol }: Pick<Electron, 'protocol'>): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
    { scheme: 'media', privileges: { standard: true, secure: true, stream: true } },
  ])
}

export function serveSchemes({ protocol }: Pick<Electron, 'protocol'>, files: InterfaceFiles, host: Pick<StudioHost, 'media'>): void {
  protocol.handle('app', ({ url, method }) => {
    const { host: name, pathname } = new URL(url)
    const file = method === 'GET' && name === 'studio' ? files.get(pathname) : undefined
    if (!file) return new Response('', { status: 404, headers: securityHeaders })
    return new Response(file.bytes as Uint8Array<ArrayBuffer>, { headers: { ...securityHeaders, 'content-type': file.type } })
  })
  protocol.handle('media', ({ url, method }) => {
    const { host: name, pathname, searchParams } = new URL(url)
    if (method !== 'GET' || name !== 'studio') return new Response('', { status: 404, headers: securityHeaders })
    return host.media(pathname.slice(1), Number(searchParams.get('side') ?? 0))
  })
}
