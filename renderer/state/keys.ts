// Keys as words: `Ctrl+Shift+Enter`, `?`, `R`. What a person pressed, and what can stand for an action.
export type KeyPress = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>

const bare = new Set(['Control', 'Shift', 'Alt', 'Meta', 'AltGraph', 'CapsLock', 'Dead', 'Process', 'Unidentified'])

/** Nothing while only a modifier is held. On a Mac the command key counts as Ctrl. */
export function keysOf({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyPress): string | undefined {
  if (bare.has(key)) return undefined
  const name = key === ' ' ? 'Space' : key.length === 1 ? key.toUpperCase() : key
  // Where Shift makes another sign of a key, the sign says it already.
  const shift = shiftKey && (key.length > 1 || key === ' ' || /\p{L}/u.test(key))
  return [...(ctrlKey || metaKey ? ['Ctrl'] : []), ...(altKey ? ['Alt'] : []), ...(shift ? ['Shift'] : []), name].join('+')
}

/** Each key by itself, as they are drawn. A plus sign is a key too. */
export const keyCaps = (keys: string): string[] => keys.split(/\+(?=.)/)

/** Moving about by keyboard, writing, the screens, and what a browser keeps for itself. */
const taken =
  /^((Shift\+)?(Tab|Enter|Escape|Space|Backspace)|(Ctrl\+|Shift\+|Ctrl\+Shift\+)?(Arrow\w+|Home|End|PageUp|PageDown)|Ctrl\+(Space|Tab|[1-9]|[CVXWTNQRLPF,+\-=0])|Ctrl\+Shift\+[NTWRIJC]|F5|F11|F12|Alt\+F4)$/

/** Why these keys cannot be given to an action, or nothing. `typing`: the action also works while a person writes. */
export function unfit(keys: string, typing: boolean): 'taken' | 'letter' | undefined {
  if (taken.test(keys)) return 'taken'
  if (typing && !/^(Ctrl|Alt)\+|^(Shift\+)?F\d+$/.test(keys)) return 'letter'
  return undefined
}
