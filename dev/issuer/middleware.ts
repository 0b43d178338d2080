import type { Provider } from 'oidc-provider';

/** A step in the answer to a request; the provider is a Koa application and brings the type along. */
export type Middleware = Parameters<Provider['use']>[0];

/** A request and the answer that is being made to it. */
export type Context = Parameters<Middleware>[0];
