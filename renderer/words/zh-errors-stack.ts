// 叠加中适配器的强度：按步数和按块。
export const zhStackErrors: Readonly<Record<string, string>> = {
  'block-elements': '标签中的“lbwe={text}”按单个元素加权，这里不支持。请从标签中去掉它，改用 lbw= 按块加权。',
  'strength-steps': '适配器的起止步数无法使用：请让 start 在 stop 之前，写整数步数（如 10）或小于 1 的比例（如 0.3）。',
  'strength-curve': '适配器的强度曲线“{text}”无法读取。请给出 {ways} 之一，或带位置的系数，如 1@0,0.3@0.5。',
  'composition-adapters': '“{composition}”只能用于 {most} 个适配器，而叠加中有 {count} 个在起作用。请关掉多余的，或换一种共同作用方式。',
  'composition-option-unknown': '共同作用方式“{of}”没有选项“{option}”。请去掉它。它有的选项：{names}。',
  'composition-option-invalid': '共同作用方式“{of}”的选项“{option}”不能是 {got}。请改为：{takes}。',
  'strength-folded':
    '有的适配器强度要随步数变化，而这里它已预先加进权重，一张图中不能改变。请让它所有步的强度相同，或改用叠加方式在 CPU 上绘图。',
}
