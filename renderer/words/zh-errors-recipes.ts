// 训练配方（TOML）的错误说明。

export const zhRecipeErrors: Readonly<Record<string, string>> = {
  'recipe-foreign': '“{name}”是 {program} 的设置。请先用它写出配方并查看报告，再按配方训练：pigment recipe。',
  'recipe-json': '“{name}”不是 JSON。请修改它，或选择别的文件。',
  'recipe-key-twice': '“{name}”第 {line} 行第 {column} 列：“{key}”写了两次。请去掉其中一个。',
  'recipe-key-unknown': '“{name}”第 {line} 行第 {column} 列：没有“{key}”这一项，请改正或删去。是不是“{nearest}”？',
  'recipe-newer': '“{name}”是第 {version} 版的配方，本程序只认识到第 {known} 版。请更新 Pigment，或用本程序重新写出配方：pigment recipe。',
  'recipe-no-command': '“{name}”里没有运行训练脚本（如 train_network.py）的命令。请给出含有它的文件或那一行。',
  'recipe-none': '“{name}”里没有配方：它由别的程序制作，或元数据已被去掉。请选择别的适配器。',
  'recipe-several': '“{name}”本身就是完整的配方：请单独给出它。',
  'recipe-syntax': '“{name}”第 {line} 行第 {column} 列：这不是 TOML。请修改这一行：文字要加引号，开关写 true 或 false。',
  'recipe-too-large': '“{name}”超过一百万个字符，没有配方会这么大。请选择别的文件。',
  'recipe-unknown':
    '“{name}”不是 Pigment 认识的配方。请选择它自己的配方（.toml），或 {programs} 的设置：.toml、.json，或含有训练命令的 .sh、.bat、.txt。',
  'recipe-value': '“{name}”第 {line} 行第 {column} 列：“{key}”的值不合适，请改正。应为：{takes}。',
}
