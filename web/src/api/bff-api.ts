import type { RealtimeTicket, SignedInUser } from '@chatapp/contract/http-bff';
import type { Http } from './http.ts';

/** The BFF's own routes. */
export const createBffApi = ({ request }: Http) => ({
  user: () => request<SignedInUser>('GET', '/bff/user'),
  realtimeTicket: () => request<RealtimeTicket>('POST', '/bff/realtime-ticket'),
});

/** Where signing in starts; afterwards the browser comes back to `returnTo`, a path of this site. */
export const loginUrl = (returnTo: string): string => `/bff/login?${new URLSearchParams({ returnTo })}`;
