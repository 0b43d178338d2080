/** Whether fingers are what this page is mostly used with. */
export const isTouch = (): boolean => matchMedia('(pointer: coarse)').matches;
