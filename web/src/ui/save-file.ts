/** Gives the person a file to keep, as if they had followed a link to it. */
export const saveFile = (page: Document, file: { name: string; type: string; text: string }): void => {
  const url = URL.createObjectURL(new Blob([file.text], { type: file.type }));
  const link = page.createElement('a');
  link.href = url;
  link.download = file.name;
  link.click();
  URL.revokeObjectURL(url);
};
