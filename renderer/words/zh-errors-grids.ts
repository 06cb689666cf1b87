// 网格的错误。
export const zhGridErrors: Readonly<Record<string, string>> = {
  'grid-axis': '网格的这个参数不能这样变化。请先把这个适配器加入叠加，或另选参数。',
  'grid-axis-text':
    '“{text}”不是一个轴。请写成 名称=值，例如“Steps=10-30(+10)”或“Prompt S/R=fox, wolf”；选项写成“Sampler option:eta=0, 1”。',
  'grid-axis-unknown': '没有名为“{name}”的轴。请改用下列之一：{names}。',
  'grid-axis-twice': '“{axis}”出现在两个轴上，而每一格只能有它的一个值。请把两边的值合到一个轴里。',
  'grid-value': '轴“{axis}”的第 {place} 个值是“{got}”，不能使用。请改成这个参数能取的值。',
  'grid-range': '范围“{range}”不成立。请写 1-10；步长为 2 时写 1-10(+2)；取五个值时写 1-10[5]。',
  'grid-quote': '“{text}”里有引号没有配对，或引号后面还有别的字。请把带逗号的值写成 "一, 二"，其中的引号写两遍。',
  'grid-search': '提示词里没有“{word}”，无法替换。请把它写进提示词，或以提示词中已有的词开头。',
  'grid-order': '{words} 个词的排列超过 120 种。请最多给 {most} 个。',
  'grid-many': '这个网格有 {cells} 格，超过 {most} 格。确实要这么多时，请确认后再画，命令行写 --cells {cells}。',
}
