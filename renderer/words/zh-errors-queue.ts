// 队列（多张显卡、多台机器）的错误说明。

export const zhQueueErrors: Readonly<Record<string, string>> = {
  'content-damaged': '{store} 中的“{name}”已损坏：SHA-256 为 {got}，应为 {expected}。它已在那里被删除；请重新提交任务，文件会重新发送。',
  'content-missing': '{store} 中没有“{name}”。请确认每台机器填写的是同一个位置。',
  'queue-address': '“{address}”不是队列的地址。请填写如 redis://localhost:6379 的地址。',
  'queue-forgot': '队列已不认识这个任务：它的数据被删除，或因服务器不写磁盘而丢失。请重新提交。',
  'queue-away': '{address} 的队列没有应答。工作进程正在做的会继续，队列恢复后会自动得知进展。',
  'queue-back': '队列又有应答了。',
  'queue-moved':
    '这个任务交给了 {before}，而设置里现在填写的是 {now}（或另一个存储）。请在设置里改回原来的，或继续这个任务，重新提交到现在的队列。',
  'queue-none': '没有填写其他机器的队列。请在设置的“其他机器”里填写，或改用本机。',
  'queue-refused': '{address} 的队列拒绝了连接：{why}。请检查用户名和密码（写在 PIGMENT_QUEUE 里就不会出现在命令行中）。',
  'queue-unreachable': '{address} 的队列没有应答（{why}）。请确认那里运行着 Redis，并且从这里可以访问。',
  'remote-outside': '队列送来的内容指向“{place}”，它在自己的文件夹之外，没有写入。请检查这个队列归谁所有，不要使用不信任的队列。',
  'remote-scattered': '“{path}”不在“{home}”之下：请改选它之下的位置：远程任务的产物都放进同一个文件夹。',
  'store-not-there': '这里没有文件夹“{store}”。请新建它，或接上它所在的磁盘；工作进程要能看到同一个文件夹。',
  'store-read-only': '{store} 中不能写入：{why} 请改为可写，任务的文件要放在那里给工作进程。',
  taken: '由 {worker} 领取。',
  'worker-none': '队列和存储都已就绪，但 {address} 没有工作进程在等候。请在那里启动一个：{start}',
  'worker-version':
    '{address} 上等候的工作进程是版本 {versions}，而这里是版本 {own}：它们只领取同一版本提交的任务。请更新它们，或更新这里。',
  'store-missing':
    '文件要在这台机器和工作进程之间传送：请在设置里，或用 --store、PIGMENT_STORE 指定一个大家都能看到的文件夹，或 s3://存储桶/文件夹。',
  'store-unknown': '“{address}”不是 Pigment 认识的存储。请从中选择：{names}。',
  'together-nowhere': '多个工作进程在队列上会合，但没有指定队列：请给出 --queue 和 --store，并在那里启动同样多的工作进程。',
}
