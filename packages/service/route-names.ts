/**
 * The names of an app's routes, from its type: `'GET /users/:id'`, as in the route table but for a slash at the end. Of several apps all of
 * theirs. A route whose path is computed has no name.
 */
export type RouteNames<App> = App extends { '~Routes': infer Routes } ? NamesIn<Routes, ''> : never;

type NamesIn<Routes, Path extends string> = {
  [Key in keyof Routes & string]: Routes[Key] extends Endpoint
    ? `${Uppercase<Key>} ${Path}`
    : NamesIn<Routes[Key], `${Path}/${Key}`>;
}[keyof Routes & string];

/** What stands in such a type under a method. */
interface Endpoint {
  readonly body: unknown;
  readonly params: unknown;
  readonly response: unknown;
}
