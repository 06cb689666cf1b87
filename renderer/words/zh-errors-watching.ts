// 留出图片与观察训练时的错误。
export const zhWatchingErrors: Readonly<Record<string, string>> = {
  'held-out-twice': '{fields} 都在指定留出哪些图片。请只保留其中一个：比例、数量或文件夹。',
  'held-out-none': '没有留出任何图片可供测量。请填写留出的图片数，或选择留出图片的文件夹。',
  'held-out-too-many': '要留出 {count} 张，而总共只有 {pictures} 张：没有图片可以训练。请少留一些，通常十分之一到五分之一。',
  'held-out-seen': '“{directory}”中 {pictures} 张图片里有 {seen} 张也参与训练，例如“{first}”。请从两个文件夹之一移走它们。',
  'layers-dead': '{layers} 层中有 {dead} 层到第 {step} 步没有梯度也没有变化，例如“{first}”。请少选一些层，或检查学习率是否为 0。',
  'plateau-together': '多个工作进程一起训练时，不能在停滞后停止（{patience}）：其中一个会先结束。请去掉它，或只用一个工作进程。',
  'validation-missing': '“{run}”旁边没有留出图片的测量。请在训练时填写测量间隔和留出的图片数。',
  'validation-none': '“{field}”要根据留出图片的测量来决定，而没有测量。请填写测量间隔和留出的图片数。',
}
