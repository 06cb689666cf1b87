// Why something is so: why a file was recognised, why a device is not used. Like an error it is data, so that every language can word it.

export interface Reason {
  /** Stable, in kebab-case. */
  readonly code: string
  /** In English. */
  readonly message: string
  readonly facts: Readonly<Record<string, string | number>>
}

/** `because('unet-below', 'A UNet stands below "{prefix}".', { prefix })`: the facts are what stands in the blanks, and what may be asked for besides. */
export function because(code: string, sentence: string, facts: Reason['facts'] = {}): Reason {
  return { code, message: sentence.replace(/\{(\w+)\}/g, (_, name: string) => String(facts[name])), facts }
}

/** A reason as one text, with what others said themselves, a driver for instance: for the terminal, and for whoever looks into it. */
export const toldReason = ({ message, facts }: Reason): string =>
  typeof facts.said === 'string' && !message.includes(facts.said) ? `${message} It says: ${facts.said}` : message

/** Whether plain data is a reason. */
export const isReason = (value: unknown): value is Reason =>
  typeof value === 'object' &&
  value !== null &&
  'code' in value &&
  'message' in value &&
  'facts' in value &&
  typeof value.message === 'string'
