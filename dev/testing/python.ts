const debianPython = '/usr/bin/python3';

/** A Python that has the package `websockets`: Debian's own, with python3-websockets. Undefined where there is none. */
export const pythonWithWebSockets = (): string | undefined => {
  try {
    const { exitCode } = Bun.spawnSync([debianPython, '-c', 'import websockets'], {
      stdio: ['ignore', 'ignore', 'ignore'],
    });
    return exitCode === 0 ? debianPython : undefined;
  } catch {
    return undefined;
  }
};
