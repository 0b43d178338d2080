/** Something about the repository that must hold. */
export interface Check {
  readonly name: string;
  /** The faults, each a line or more that names a place; none when all is well. */
  run(root: string): Promise<readonly string[]>;
  /** A figure that people want to see beside the name: `36 of 36`. */
  measure?(root: string): Promise<string>;
  /** What to do about them. */
  readonly mend: string;
}

/** The checks whose name contains one of the parts, all without parts. A part that no name contains is refused. */
export const checksNamed = (parts: readonly string[], all: readonly Check[]): readonly Check[] => {
  const unknown = parts.filter((part) => !all.some(({ name }) => name.includes(part)));
  if (unknown.length > 0)
    throw new Error(`No check is named ${unknown.join(', ')}. There are: ${all.map(({ name }) => name).join(', ')}.`);
  return parts.length === 0 ? all : all.filter(({ name }) => parts.some((part) => name.includes(part)));
};
