/** What stands in the way of a goal that is not met: said by who looked at the profiles; no figures, those come from the runs. */
export const obstacles: Readonly<Record<string, string>> = {};
