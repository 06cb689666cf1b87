// 训练时长的错误。
export const zhDurationErrors: Readonly<Record<string, string>> = {
  'sample-prompt-missing': '{flags}：没有样图的提示词。请加上 --sample-prompt，可以写几次。',
  'duration-twice': '{fields} 都在说训练多久。请只保留其中一个：步数、轮数或分钟。',
  'course-length':
    '学习率走向“{course}”要到训练末尾才降下来，而按时间（{minutes} 分钟）训练时不知道末尾在哪一步。请选择 {open}，或改填步数、轮数。',
  'method-length': '训练方法“{method}”要知道总步数，不能按时间（{minutes} 分钟）结束。请改填步数或轮数，或换一种方法。',
  'minutes-together':
    '多个工作进程一起训练时，不能按时间（{minutes} 分钟）结束：各自会停在不同的步。请改填步数或轮数，或只用一个工作进程。',
}
