import { checkProviders } from '../../../engine/runtime/providers.ts'
import { describeMachine } from '../describe-machine.ts'

/** Which devices compute correctly, and the rest of the machine. */
export async function doctor() {
  const machine = await describeMachine('.')
  // A runtime that does not load is told in its own field.
  return { providers: await checkProviders().catch(() => []), ...machine }
}
