/** The commit that is checked out, `unknown` where git or its repository is missing; `+` marks changes to the paths that are in no commit. */
export const commitOf = (root: string, paths: readonly string[]): string => {
  const program = Bun.which('git');
  if (program === null) return 'unknown';
  const git = (...args: string[]) =>
    Bun.spawnSync([program, ...args], { cwd: root })
      .stdout.toString()
      .trim();
  const isChanged = git('status', '--porcelain', '--', ...paths) !== '';
  return `${git('rev-parse', '--short', 'HEAD') || 'unknown'}${isChanged ? '+' : ''}`;
};
