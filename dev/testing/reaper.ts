import { mkdtempSync, openSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Ends what a test process leaves behind: processes and folders that it registered, at its exit, even by `kill -9`.
 * SIGINT first: PostgreSQL leaks shared memory when killed, and a whole stack stops its parts on it.
 * A shell holds the list; what it reads from ends with us. It is in a session of its own, so that ctrl-C does not take it along,
 * and a grandchild: after a test that takes too long, `bun test` kills all its children.
 */
const script = `
(
  pids=
  while IFS= read -r line; do
    value=\${line#* }
    case $line in
      process*) pids="$pids $value " ;;
      ended*) pids=$(printf '%s' "$pids" | sed "s/ $value / /") ;;
      folder*) set -- "$@" "$value" ;;
    esac
  done
  if [ -n "$pids" ]; then
    kill -INT $pids
    for round in 1 2 3 4 5 6 7 8 9 10 11 12; do
      kill -0 $pids || break
      sleep 0.5
    done
    kill -9 $pids
  fi
  rm -rf -- "$@"
) <"$1/list" &
`;

let list: number | undefined;

/** Has a process killed when this one ends; answers how to say that it ended before. */
export function reapProcess(pid: number): () => void {
  tell(`process ${pid}`);
  return () => tell(`ended ${pid}`);
}

/** Has a folder removed when this process ends. Throws where its path is more than a line: a part of it would name another folder. */
export function reapFolder(path: string): void {
  if (path.includes('\n')) throw new Error(`its path must be a line: ${JSON.stringify(path)}`);
  tell(`folder ${path}`);
}

function tell(line: string): void {
  list ??= startShell();
  writeSync(list, `${line}\n`);
}

function startShell(): number {
  const folder = mkdtempSync(join(tmpdir(), 'chatapp-reaper-'));
  const pipe = join(folder, 'list');
  Bun.spawnSync(['mkfifo', pipe]);
  Bun.spawn(['/bin/sh', '-c', script, 'reaper', folder], { stdio: ['ignore', 'ignore', 'ignore'], detached: true });
  // Waits until the shell has opened the other end.
  return openSync(pipe, 'w');
}
