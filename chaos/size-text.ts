/** How big a run was, as far as its result says. */
export interface RanSize {
  readonly clients?: number | undefined;
  readonly messagesPerSecond?: number | undefined;
  readonly seconds?: number | undefined;
  readonly amount?: string | undefined;
}

/** `200 clients, 300 messages/s, 101 s, 20 crashes`. */
export const sizeText = ({ clients, messagesPerSecond, seconds, amount }: RanSize): string =>
  [
    ...(clients === undefined ? [] : [`${clients} clients`]),
    ...(messagesPerSecond === undefined ? [] : [`${messagesPerSecond} messages/s`]),
    ...(seconds === undefined ? [] : [`${seconds} s`]),
    ...(amount === undefined ? [] : [amount]),
  ].join(', ');
