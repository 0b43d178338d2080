import type { ServiceName } from '@chatapp/contract/scopes';

/** One row of the reverse proxy: what is below `prefix` goes to `service`, the prefix removed. */
export interface ProxyRoute {
  readonly prefix: string;
  readonly service: ServiceName;
  readonly methods: readonly string[];
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** All that a browser reaches behind the BFF; a host never comes from a request. */
export const proxyRoutes: readonly ProxyRoute[] = [
  { prefix: '/api/conversations', service: 'conversations', methods },
  { prefix: '/api/messages', service: 'messages', methods },
];
