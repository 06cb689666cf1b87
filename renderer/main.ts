// Opens the host over what is there: the window's bridge, or the loopback server with the link's one-time token.
import './quiet-schemas.ts'
import { mount } from 'svelte'
import { bridgeTransport, type Bridge } from '../main/api/bridge-transport.ts'
import { httpTransport, openSession } from '../main/api/http-transport.ts'
import type { Transport } from '../main/api/transport.ts'
import App from './App.svelte'
import { host } from './state/host.svelte.ts'
import { listenForLeaving } from './state/settle.ts'
import './styles/tokens.css'
import './styles/base.css'

declare global {
  interface Window {
    readonly pigment?: Bridge
    /** Put there by the page of a test. */
    readonly pigmentTransport?: Transport
  }
}

async function transport(): Promise<Transport> {
  if (window.pigmentTransport) return window.pigmentTransport
  if (window.pigment) return bridgeTransport(window.pigment)
  const token = /^#t=(.+)$/.exec(location.hash)?.[1]
  if (token) {
    history.replaceState(null, '', location.pathname)
    await openSession(token)
  }
  return httpTransport({ pageOrigin: location.origin })
}

host.open(await transport())
listenForLeaving()
const target = document.querySelector('#app')
if (target) mount(App, { target })
