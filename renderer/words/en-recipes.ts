// Words of recipes: settings of a run as a file.
export const enRecipes = {
  'recipe.in': 'Open a recipe …',
  'recipe.out': 'Save as recipe',
  'recipe.title': 'Recipe',
  'recipe.why':
    'A recipe of Pigment (.toml), an adapter trained here, or the settings of sd-scripts (.toml, .sh, .bat) or OneTrainer (.json). Choose files that belong together at once, or drop them here.',
  'recipe.own': 'A recipe of Pigment: the form will be as it says.',
  'recipe.of': 'Settings of {program}',
  'recipe.mapped': '{n|One value|# values} taken over',
  'recipe.differs': '{n|One option differs here|# options differ here}',
  'recipe.unknown': '{n|One option|# options} not understood',
  'recipe.ignored': '{n|One option|# options} without effect on what is learnt',
  'recipe.there': 'There',
  'recipe.here': 'Here',
  'recipe.reason': 'What differs',
  'recipe.default': 'default of the program',
  'recipe.missing.dataset': 'The pictures “{name}” are no set here: the chosen set stays.',
  'recipe.missing.model': 'The model “{name}” is not here: the chosen model stays.',
  'recipe.fill': 'Fill in the form',
  'recipe.filled': 'The form is as the recipe says.',
}
