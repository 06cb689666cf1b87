// 训练配方（把一次训练的设置存成文件）的文字。
export const zhRecipes = {
  'recipe.in': '打开配方…',
  'recipe.out': '存为配方',
  'recipe.title': '配方',
  'recipe.why':
    'Pigment 的配方（.toml）、在这里训练的适配器，或 sd-scripts（.toml、.sh、.bat）、OneTrainer（.json）的设置。属于一起的文件请一次选择，也可以拖到这里。',
  'recipe.own': 'Pigment 的配方：表单会与它一致。',
  'recipe.of': '{program} 的设置',
  'recipe.mapped': '采用 {n} 个值',
  'recipe.differs': '{n} 项在这里有所不同',
  'recipe.unknown': '{n} 项不认识',
  'recipe.ignored': '{n} 项不影响学到的内容',
  'recipe.there': '原设置',
  'recipe.here': '这里',
  'recipe.reason': '有何不同',
  'recipe.default': '该程序的默认值',
  'recipe.missing.dataset': '这里没有图片集“{name}”：保留所选的图片集。',
  'recipe.missing.model': '这里没有模型“{name}”：保留所选的模型。',
  'recipe.fill': '填入表单',
  'recipe.filled': '表单已与配方一致。',
}
