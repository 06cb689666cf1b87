// 暂停训练时的说明和错误。
export const zhPauseErrors: Readonly<Record<string, string>> = {
  'model-changed': '训练暂停期间，“{file}”被修改或移走了。请把模型恢复原样：训练会从检查点继续。',
  paused: '第 {step} 步后已暂停，模型仍留在内存中，随时可以继续。',
  'paused-memory': '另一个任务需要内存，暂停的训练不再把模型留在内存中。它可以继续：从检查点开始，结果相同。',
  'paused-preparing': '在准备阶段暂停：内存中什么也没有留下。可以继续，届时会重新准备。',
  'paused-time': '暂停已久，训练不再把模型留在内存中。它可以继续：从检查点开始，结果相同。',
  resumed: '从第 {step} 步之后继续。',
  'run-not-paused': '这次训练不在暂停中，所以没有它当时的样子可用。请再次暂停后绘图，或把它从叠加中去掉。',
  'run-without-step': '“{title}”没有留下可以用来绘图的东西：它在第一步之前被暂停，或被强行结束。请让它继续，走过一步后再暂停。',
}
