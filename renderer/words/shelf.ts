// Words of the shelf of adapters: folders, words to insert, what lies beside a file, covers, and what came twice. One file for both languages.
export const enShelf = {
  'adapters.beside.page': 'Page',
  'adapters.beside.broken': '{n|One file|# files} beside it cannot be read',
  'adapters.words': 'Words for the prompt',
  'adapters.words.insert': 'Write “{words}” into the prompt',
  'adapters.words.written': '“{words}” stands in the prompt.',
  'adapters.words.show': 'Show it',
  'adapters.words.strength': '{words} · {weight}',
} as const

export const zhShelf: Readonly<Record<keyof typeof enShelf, string>> = {
  'adapters.beside.page': '页面',
  'adapters.beside.broken': '旁边有 {n} 个文件无法读取',
  'adapters.words': '提示词用语',
  'adapters.words.insert': '把“{words}”写入提示词',
  'adapters.words.written': '“{words}”已写入提示词。',
  'adapters.words.show': '查看',
  'adapters.words.strength': '{words} · {weight}',
}
