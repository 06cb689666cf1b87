// What a person cannot get at: things that scroll sideways, and controls that no scrolling brings into sight.
import type { Page } from 'playwright-core'

/** Runs in the page, whose policy keeps modules of a test out of it. */
const search = `(() => {
  const nameOf = (one) => one.getAttribute('aria-label') || one.title || one.textContent.trim().slice(0, 40) || one.className || one.tagName
  const top = document.querySelector('dialog[open]') ?? document.body
  const seen = (one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest('[inert]')
  const sideways = [...top.querySelectorAll('*')].filter(
    (one) => seen(one) && one.scrollWidth > one.clientWidth + 1 && ['auto', 'scroll'].includes(getComputedStyle(one).overflowX) && one.tagName !== 'TEXTAREA',
  )
  const controls = [...top.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')].filter(
    (one) => seen(one) && !one.classList.contains('skip'),
  )
  const away = controls.flatMap((one) => {
    one.scrollIntoView({ block: 'center', inline: 'nearest' })
    const { left, right, top: above, bottom, height } = one.getBoundingClientRect()
    const outside = left < -1 || right > innerWidth + 1 || (height < innerHeight && (above < -1 || bottom > innerHeight + 1))
    if (outside) return [nameOf(one) + ' is out of sight (' + [left, above, right, bottom].map(Math.round) + ')']
    const hit = document.elementFromPoint((left + right) / 2, Math.max(1, Math.min(innerHeight - 1, (above + bottom) / 2)))
    const label = one.closest('label')
    // What is offered while one writes goes again.
    const meets = hit && (one.contains(hit) || hit.contains(one) || label?.contains(hit) || hit.closest('[role=listbox]'))
    return meets ? [] : [nameOf(one) + ' is covered by ' + (hit ? nameOf(hit) : 'nothing')]
  })
  return [...sideways.map((one) => nameOf(one) + ' scrolls sideways: ' + one.scrollWidth + ' > ' + one.clientWidth), ...away]
})()`

export const findOutOfReach = (page: Page): Promise<string[]> => page.evaluate<string[]>(search)
