import type { Login } from './service.ts';

/** Who asks to be let into one conversation, as simply as can be: who waits, and when who was turned down last. Times as the caller counts them. */
export class JoinRequestModel {
  readonly #pending = new Set<Login>();
  readonly #declinedAt = new Map<Login, number>();

  constructor(private readonly coolDown: number) {}

  /** Who asked first; undefined where nobody waits. */
  get first(): Login | undefined {
    return [...this.#pending][0];
  }

  /** Each with what is kept of them, as the service's table says it. */
  get states(): [Login, 'pending' | 'declined'][] {
    const declined = [...this.#declinedAt.keys()].filter((login) => !this.#pending.has(login));
    return [
      ...[...this.#pending].map((login): [Login, 'pending'] => [login, 'pending']),
      ...declined.map((login): [Login, 'declined'] => [login, 'declined']),
    ];
  }

  has(login: Login): boolean {
    return this.#pending.has(login);
  }

  ask(login: Login, now: number): string {
    if (this.#pending.has(login)) return '200';
    if (now - (this.#declinedAt.get(login) ?? Number.NEGATIVE_INFINITY) < this.coolDown) return '429 cool-down';
    this.#declinedAt.delete(login);
    this.#pending.add(login);
    return '201';
  }

  /** Taken back, or granted; false where there was none. */
  end(login: Login): boolean {
    return this.#pending.delete(login);
  }

  decline(login: Login, now: number): boolean {
    if (!this.#pending.delete(login)) return false;
    this.#declinedAt.set(login, now);
    return true;
  }
}
