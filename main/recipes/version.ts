/** Raised where a recipe of this program would mean something else to an earlier one; reading goes back to the first. */
export const recipeVersion = 1
