/** A person who can sign in at the embedded issuer; the password is the login. */
export type Person = { sub: string; login: string; name: string; email: string; hue: number };

/**
 * The seeded people. `sub` is opaque and never changes: a person's id in every service is derived from it. It differs from
 * the login and from every client id, so that nobody can mistake one for the other. `hue` colours the avatar.
 */
export const people: readonly Person[] = [
  { sub: 'p-7c1f0a52e9', login: 'ann', name: 'Ann', email: 'ann@example.test', hue: 205 },
  { sub: 'p-2b84d6f31c', login: 'bob', name: 'Bob', email: 'bob@example.test', hue: 28 },
  { sub: 'p-e05a973b48', login: 'carol', name: 'Carol', email: 'carol@example.test', hue: 295 },
  { sub: 'p-91d3c8667f', login: 'dave', name: 'Dave', email: 'dave@example.test', hue: 150 },
  { sub: 'p-4f6e20ba15', login: 'eve', name: 'Eve', email: 'eve@example.test', hue: 75 },
];

const extra: Person[] = [];

/** From now on load-001, load-002, … can sign in too: people for load tests, whom the sign-in page does not list. */
export function addExtraPeople(count: number): void {
  for (let number = extra.length + 1; number <= count; number++) {
    const digits = String(number).padStart(3, '0');
    const login = `load-${digits}`;
    extra.push({
      sub: `p-load-${digits}`,
      login,
      name: `Load ${digits}`,
      email: `${login}@example.test`,
      hue: number % 360,
    });
  }
}

/** The person with this login, as typed: case and spaces around it do not matter. */
export function personByLogin(login: string): Person | undefined {
  const wanted = login.trim().toLowerCase();
  return [...people, ...extra].find((person) => person.login === wanted);
}

/** The person with this subject identifier. */
export function personBySub(sub: string): Person | undefined {
  return [...people, ...extra].find((person) => person.sub === sub);
}

/** Whether the password is that person's. These are the people of a development machine: the password is the login. */
export function passwordFits(person: Person, password: string): boolean {
  return password === person.login;
}
