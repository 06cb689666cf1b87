// 提示词、风格与通配符的错误。
export const zhPromptErrors: Readonly<Record<string, string>> = {
  'wildcard-loop': '这些通配符互相调用，没有尽头：{way}。请从其中一个文件里去掉对另一个的调用。',
  'prompt-endless': '提示词“{text}…”的选项太多：超过 {longest} 个字符或 {most} 次选择。请去掉一些。',
  'clip-skip-deep': 'CLIP 跳层 {clipSkip} 超过了模型文本编码器的第一层：最多 {deepest}。请改小：常用 1 或 2。',
  'style-unknown': '没有风格“{name}”。请从现有的里选：{there}。',
  'styles-unreadable': '“{path}”存放风格，但无法读取。请让它的第一行是 name,prompt,negative_prompt，与 A1111 相同。',
}
