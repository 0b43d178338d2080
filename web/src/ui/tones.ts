/** One of eight tones for an id: the same wherever it is shown. */
export const toneOf = (id: string): number => {
  let hash = 0;
  for (let index = 0; index < id.length; index++) hash = (hash * 31 + id.charCodeAt(index)) >>> 0;
  return hash % 8;
};

/** Two letters for a group, one for a person. */
export const initialsOf = (name: string, kind: 'group' | 'person'): string => {
  const letters = Array.from(name.trim());
  if (kind === 'person') return (letters[0] ?? '?').toUpperCase();
  return (letters[0] ?? '?').toUpperCase() + (letters[1] ?? '').toLowerCase();
};
