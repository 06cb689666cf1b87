// 下载与令牌的错误说明。

export const zhFetchingErrors: Readonly<Record<string, string>> = {
  'fetch-answer': '“{where}”的回答不是所要的文件。请在浏览器中打开 {page}，检查这个链接。',
  'fetch-anew': '“{name}”会自动从头下载：服务器上的文件变了，或它不支持断点续传。',
  'fetch-astray': '“{where}”的重定向无法跟随。请在浏览器中打开它，并使用最终到达的链接。',
  'fetch-choose': '“{repo}”里有多个文件：{names}。请指明要哪一个，例如 {repo}:{first}。',
  'fetch-cut': '下载“{name}”时连接一再中断（{reason}）。已下载的部分会保留。请重试，会从中断处继续。',
  'fetch-forbidden': '“{where}”不允许下载（{status}）。请在浏览器中打开 {page}，看看它要求什么。',
  'fetch-gated':
    '“{where}”只提供给接受了其许可的人（{status}）。请在浏览器中打开 {page}，登录并接受许可；还没有令牌时，请在 {tokens} 创建一个并保存到设置中，然后重试。',
  'fetch-hash-wrong':
    '“{name}”不是所发布的那个文件：{algorithm} 为 {got}，应为 {expected}。文件已删除。请重试；若仍如此，请不要信任这个来源。',
  'fetch-limited': '“{host}”不允许这么频繁的请求（429）。已下载的部分会保留。请过几分钟重试。',
  'fetch-link-insecure': '“{where}”不是 https 地址，内容可能被人替换。请使用 https 链接。',
  'fetch-link-secret': '指向“{host}”的链接里有密钥或密码。链接会写入列表和日志，请把它去掉。',
  'fetch-link-unknown':
    '“{link}”不是可以下载的链接。请填写 Hugging Face 的名称（owner/name）、CivitAI 页面的地址，或指向 .safetensors 文件的 https 链接。',
  'fetch-needs-token': '“{where}”需要登录才能下载，或者并不存在（{status}）。请检查名称；若没有错，请在 {tokens} 创建令牌并保存到设置中。',
  'fetch-not-found': '“{where}”什么都没有（{status}）。请检查名称、版本和文件。',
  'adapter-twin': '“{title}”的内容与库中已有的“{name}”相同。两个都已保留，请在库中移除其中一个。',
  'fetch-nothing': '“{repo}”里没有模型，也没有适配器。请在浏览器中打开 {page} 看一看。',
  'fetch-pickle': '那里只有 pickle 文件（{names}），打开时可能运行代码。请在 {page} 上寻找 safetensors 版本。',
  'fetch-restless': '“{name}”在下载时一再变化。请稍后重试。',
  'fetch-server': '“{host}”自身出了故障（{status}）。已下载的部分会保留。请稍后重试。',
  'fetch-size-wrong': '“{name}”的大小不对：收到 {got} 字节。应为 {expected} 字节。它可能刚被更换，请重新查看后再下载。',
  'fetch-token-refused': '“{host}”拒绝了保存的令牌（{status}）。请在 {tokens} 创建新的令牌并替换它。',
  'fetch-unreachable': '无法连接“{host}”（{reason}）。已下载的部分会保留。请检查网络与代理后重试。',
  'licence-not-accepted': '“{title}”的许可是 {licence}，见 {where}。请先阅读并接受，然后才会下载。',
  'token-invalid': '这不是令牌：应为一行 8 到 500 个字母和数字。请从网站上重新复制。',
  'token-sealed': '{site} 的令牌保存在窗口版的系统钥匙串中，这里取不到。请在窗口中下载，或在这里重新保存令牌。',
  'token-site': '没有可以保存令牌的网站“{site}”。请从 {sites} 中选择。',
}
