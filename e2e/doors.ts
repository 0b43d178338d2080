import type { ServiceName } from '@chatapp/contract/scopes';

export const services: readonly ServiceName[] = ['bff', 'conversations', 'messages', 'realtime'];

/** A route of a service. */
export interface Door {
  readonly service: ServiceName;
  readonly method: string;
  /** As the documentation writes it. */
  readonly path: string;
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
}

/** Every route that the services document, so a new one is among them by itself. */
export const doorsOf = async (urls: Readonly<Record<string, string>>): Promise<readonly Door[]> => {
  const all = services.map(async (service) => {
    const { paths } = (await (await fetch(`${urls[service]}/swagger/json`)).json()) as {
      paths: Record<string, Record<string, { parameters?: Door['parameters'] }>>;
    };
    return Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { parameters = [] }]) => ({
        service,
        method: method.toUpperCase(),
        path,
        parameters,
      })),
    );
  });
  return (await Promise.all(all)).flat();
};
export const isInternal = ({ path }: Door) => path.startsWith('/internal/');

const nobody = '00000000-0000-4000-8000-000000000000';

/** The path with its parameters; those without a value name nobody. */
export const filled = (path: string, values: Readonly<Record<string, string>> = {}): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? nobody);
