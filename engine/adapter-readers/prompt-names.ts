// How a file has to be called so that a prompt can call it: <lora:NAME:0.8>. Source: A1111 modules/extra_networks.py, Lora/networks.py.
import { because, type Reason } from '../requests/reason.ts'

export function callable(file: string | undefined): readonly Reason[] {
  const name = (file ?? '').replace(/^.*[\\/]/, '').replace(/\.safetensors$/i, '')
  const found = /[:<>]/.exec(name)?.[0]
  if (found !== undefined) return [because('reader-name-tag', 'With "{sign}" in its name no tag of a prompt can call it.', { sign: found })]
  if (name.includes(','))
    return [because('reader-name-hash', 'The comma in its name is left out where pictures say which adapters made them.', {})]
  return []
}
