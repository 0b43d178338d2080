/** Audiences and scopes of access tokens. A person's token has the API's audience; a machine's that of one service. */
export const apiAudience = 'urn:chatapp:api';
export type ServiceName = 'bff' | 'conversations' | 'messages' | 'realtime';
export const serviceAudience = (service: ServiceName): string => `urn:chatapp:${service}`;

/** Every machine scope: `<service>:<noun>.<read|write>`, one a route. */
export const machineScopes = [
  'conversations:access.read',
  'conversations:users.write',
  'messages:heads.read',
  'messages:changes.read',
  'bff:sessions.read',
  'bff:sessions.write',
] as const;
export type MachineScope = (typeof machineScopes)[number];

/** The service that a scope is meant for: `messages` of `messages:heads.read`. */
export const serviceOf = (scope: MachineScope): ServiceName => scope.slice(0, scope.indexOf(':')) as ServiceName;
