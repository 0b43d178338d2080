import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Settings } from './settings.ts';

/** Addresses in answers come from the issuer's name, not from the Host header that a request was sent with. */
function answerAsIssuer(request: IncomingMessage, issuer: string): void {
  const { host, protocol } = new URL(issuer);
  request.headers['x-forwarded-host'] = host;
  request.headers['x-forwarded-proto'] = protocol.slice(0, -1);
}

/** Listens on each address of the settings; a machine without IPv6 does without it. */
export async function listen(
  settings: Settings,
  handler: (request: IncomingMessage, response: ServerResponse) => void,
) {
  const servers: Server[] = [];
  for (const [index, host] of settings.hosts.entries()) {
    const server = createServer((request, response) => {
      answerAsIssuer(request, settings.issuer);
      handler(request, response);
    });
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(settings.port, host, resolve);
      });
      servers.push(server);
    } catch (error) {
      const missing = ['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes((error as NodeJS.ErrnoException).code ?? '');
      if (index === 0 || !missing) {
        throw new Error(`The issuer cannot listen on ${host} port ${settings.port}. Free the port or set PORT.`, {
          cause: error,
        });
      }
    }
  }
  return servers;
}

/** Stops a server and cuts what is still connected. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
