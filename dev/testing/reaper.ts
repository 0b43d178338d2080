import type { FileSink, Subprocess } from 'bun';

/**
 * Ends what a test process leaves behind: processes and folders that it registered, at its exit, even by `kill -9`.
 * SIGINT first: PostgreSQL leaks shared memory when killed, and a whole stack stops its parts on it.
 * A shell holds the list; its input ends with us. It leads a session of its own, so that ctrl-C does not take it along.
 */
const script = `
pids= folders=
while read -r what value; do
  case $what in
    process) pids="$pids $value " ;;
    ended) pids=$(printf '%s' "$pids" | sed "s/ $value / /") ;;
    folder) folders="$folders $value" ;;
  esac
done
if [ -n "$pids" ]; then
  kill -INT $pids 2>/dev/null
  for round in 1 2 3 4 5 6 7 8 9 10 11 12; do
    kill -0 $pids 2>/dev/null || break
    sleep 0.5
  done
  kill -9 $pids 2>/dev/null
fi
[ -z "$folders" ] || rm -rf $folders
`;

let shell: Subprocess<'pipe', 'ignore', 'ignore'> | undefined;

/** Has a process killed when this one ends; answers how to say that it ended before. */
export function reapProcess(pid: number): () => void {
  tell(`process ${pid}`);
  return () => tell(`ended ${pid}`);
}

/** Has a folder (its path without white space) removed when this process ends. */
export function reapFolder(path: string): void {
  tell(`folder ${path}`);
}

function tell(line: string): void {
  const input: FileSink = startShell().stdin;
  input.write(`${line}\n`);
  input.flush();
}

function startShell(): Subprocess<'pipe', 'ignore', 'ignore'> {
  if (shell === undefined) {
    shell = Bun.spawn(['/bin/sh', '-c', script], { stdin: 'pipe', stdout: 'ignore', stderr: 'ignore', detached: true });
    shell.unref();
  }
  return shell;
}
