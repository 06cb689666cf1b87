// Text for other programs. A window denies the page its clipboard, where the old way, by a selection, still works.

/** Whether it is there now. `beside` is an element that can take the focus: a dialog makes all outside it inert. */
export async function copyText(text: string, beside: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    const field = document.createElement('textarea')
    field.value = text
    field.style.cssText = 'position: fixed; opacity: 0'
    beside.parentElement?.append(field)
    field.select()
    const done = document.execCommand('copy')
    field.remove()
    beside.focus()
    return done
  }
}
