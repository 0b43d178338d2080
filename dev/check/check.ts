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
