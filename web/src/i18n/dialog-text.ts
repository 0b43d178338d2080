import { type DialogDictionary, enDialogs } from './en-dialogs.ts';

/** The dialogs' part of the dictionary in use. */
export const dialogText: DialogDictionary = enDialogs;
