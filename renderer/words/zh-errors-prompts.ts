// 提示词、风格与通配符的错误。
export const zhPromptErrors: Readonly<Record<string, string>> = {
  'wildcard-loop': '这些通配符互相调用，没有尽头：{way}。请从其中一个文件里去掉对另一个的调用。',
  'prompt-endless': '提示词“{text}…”的选项太多：超过 {longest} 个字符或 {most} 次选择。请去掉一些。',
  'style-unknown': '没有风格“{name}”。现有：{there}。',
  'styles-unreadable': '“{path}”存放风格，但无法读取。它的第一行应是 name,prompt,negative_prompt，与 A1111 相同。',
}
