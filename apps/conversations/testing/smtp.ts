/** A mail server that keeps what it is given, and speaks as much SMTP (RFC 5321) as a sender needs. */
export interface TestSmtp {
  readonly url: string;
  readonly mails: { readonly to: string; readonly data: string }[];
  /** Answers the next message with this line instead of taking it. */
  refuseNext(line: string): void;
  /** Takes the next message, and cuts the connection before it says so. */
  cutNext(): void;
  stop(): void;
}

interface Session {
  pending: string;
  to: string;
  inData: boolean;
}

export const testSmtp = (): TestSmtp => {
  const mails: { to: string; data: string }[] = [];
  let refusal: string | undefined;
  let cuts = false;
  const server = Bun.listen<Session>({
    hostname: '127.0.0.1',
    port: 0,
    socket: {
      open(socket) {
        socket.data = { pending: '', to: '', inData: false };
        socket.write('220 test\r\n');
      },
      data(socket, chunk) {
        const session = socket.data;
        session.pending += chunk.toString();
        while (true) {
          const end = session.inData ? session.pending.indexOf('\r\n.\r\n') : session.pending.indexOf('\r\n');
          if (end < 0) return;
          const text = session.pending.slice(0, end);
          session.pending = session.pending.slice(end + (session.inData ? 5 : 2));
          if (session.inData) take(socket, text);
          else answer(socket, text);
        }
      },
    },
  });

  const take = (socket: Bun.Socket<Session>, data: string) => {
    socket.data.inData = false;
    const line = refusal;
    refusal = undefined;
    if (line !== undefined) return void socket.write(`${line}\r\n`);
    mails.push({ to: socket.data.to, data });
    if (!cuts) return void socket.write('250 taken\r\n');
    cuts = false;
    socket.terminate();
  };
  const answer = (socket: Bun.Socket<Session>, line: string) => {
    const [verb = ''] = line.toUpperCase().split(/[ :]/);
    if (verb === 'RCPT') socket.data.to = /<([^>]*)>/.exec(line)?.[1] ?? '';
    if (verb === 'DATA') socket.data.inData = true;
    const replies: Record<string, string> = { EHLO: '250 test', DATA: '354 go on', QUIT: '221 bye' };
    socket.write(`${replies[verb] ?? '250 ok'}\r\n`);
    if (verb === 'QUIT') socket.end();
  };

  return {
    url: `smtp://127.0.0.1:${server.port}`,
    mails,
    refuseNext: (line) => {
      refusal = line;
    },
    cutNext: () => {
      cuts = true;
    },
    stop: () => server.stop(true),
  };
};
