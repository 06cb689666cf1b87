// Fields that are saved when they are left: what is being typed counts too when its screen, or the page, goes.
type Field = HTMLInputElement | HTMLTextAreaElement

const isField = (target: unknown): target is Field => target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement
/** What the field that has the focus said when it was entered, or when it was last told of. */
let entered = ''

/** The field that has the focus takes what was typed as if it were left. */
export function settle(): void {
  const field = document.activeElement
  if (isField(field) && field.value !== entered) field.dispatchEvent(new Event('change', { bubbles: true }))
}

export function listenForLeaving(): void {
  const note = ({ target }: Event): void => void (isField(target) && (entered = target.value))
  document.addEventListener('focusin', note)
  document.addEventListener('change', note)
  document.addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && settle())
}
