import postgres from 'postgres';

/** A line of a service: its role begins so. */
const said = /^\S+ \S+ \S+ \[\d+\] chatapp_\w+@\S+ LOG: {2}(?:execute|statement)/gm;

/** How many statements of the services PostgreSQL's log tells of, of which each is told in a line of its own. */
const countStatements = (log: string): number => log.match(said)?.length ?? 0;

const settings = { log_statement: "'all'", log_parameter_max_length: '0' };

/** What the services ask of a cluster, by PostgreSQL's own log of every statement. */
export class StatementLog {
  #from = 0;

  constructor(
    /** For the superuser. */
    readonly ownerUrl: string,
    readonly logFile: string,
  ) {}

  /** From now on every statement is written down. */
  async begin(): Promise<void> {
    await this.#set((name, value) => `ALTER SYSTEM SET ${name} = ${value}`);
    await this.count();
  }

  async end(): Promise<void> {
    await this.#set((name) => `ALTER SYSTEM RESET ${name}`);
  }

  /** How many there were since it was last asked. */
  async count(): Promise<number> {
    const bytes = await Bun.file(this.logFile).bytes();
    const text = new TextDecoder().decode(bytes.subarray(this.#from));
    this.#from = bytes.length;
    return countStatements(text);
  }

  async #set(statement: (name: string, value: string) => string): Promise<void> {
    const sql = postgres(this.ownerUrl, { max: 1, onnotice: () => undefined });
    for (const [name, value] of Object.entries(settings)) await sql.unsafe(statement(name, value));
    await sql`SELECT pg_reload_conf()`;
    await sql.end();
    // Each backend takes it with its next statement.
    await Bun.sleep(1000);
  }
}
