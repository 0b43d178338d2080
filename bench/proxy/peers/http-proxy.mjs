// http-proxy on Node as its own documentation sets it up, with kept connections to the server behind it.
import { Agent, createServer } from 'node:http';
import httpProxy from 'http-proxy';

const { PORT, UPSTREAM } = process.env;
const agent = new Agent({ keepAlive: true, maxSockets: 1000 });
const proxy = httpProxy.createProxyServer({ target: UPSTREAM, agent });
// Sockets are no requests: each has a connection of its own.
const socketProxy = httpProxy.createProxyServer({ target: UPSTREAM, ws: true });
const server = createServer((request, response) => proxy.web(request, response));
server.on('upgrade', (request, socket, head) => socketProxy.ws(request, socket, head));
for (const one of [proxy, socketProxy]) one.on('error', () => undefined);
server.listen(Number(PORT), '127.0.0.1');
