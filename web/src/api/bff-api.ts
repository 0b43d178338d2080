import type { Device, RealtimeTicket, SignedInUser } from '@chatapp/contract/http-bff';
import type { Page } from '@chatapp/contract/shapes';
import type { Http } from './http.ts';

/** The BFF's own routes. */
export const createBffApi = ({ request }: Http) => ({
  user: () => request<SignedInUser>('GET', '/bff/user'),
  realtimeTicket: () => request<RealtimeTicket>('POST', '/bff/realtime-ticket'),
  /** Where I am signed in. */
  devices: async () => (await request<Page<Device>>('GET', '/bff/sessions')).items,
  endDevice: (id: string) => request<void>('DELETE', `/bff/sessions/${id}`),
  endOtherDevices: () => request<void>('DELETE', '/bff/sessions?others=true'),
});

/** Where signing out everywhere starts: the issuer asks anew who one is, then every session ends, this one too. */
export const everywhereUrl = (logoutUrl: string): string => `${logoutUrl}&everywhere=true`;

/** Where signing in starts; afterwards the browser comes back to `returnTo`, a path of this site. */
export const loginUrl = (returnTo: string): string => `/bff/login?${new URLSearchParams({ returnTo })}`;
