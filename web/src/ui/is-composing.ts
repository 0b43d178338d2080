/** Whether the key belongs to an input method. Safari ends the composition before the Enter that confirms it; the code 229 tells. */
export const isComposing = (event: KeyboardEvent): boolean => event.isComposing || event.keyCode === 229;
