/** Whether one of these texts may call this name: A1111 looks at tokens, where blanks and the case of letters do not count. */
export function mayCall(texts: readonly string[], name: string): boolean {
  const wanted = bare(name)
  return wanted !== '' && texts.some((text) => bare(text).includes(wanted))
}

const bare = (text: string): string => text.toLowerCase().replace(/\s+/g, '')
