import { createConversation, signIn } from '../../dev/testing/person.ts';

/** As long as a text may be, of the longest letters: 16 KB each. */
const body = '😀'.repeat(4000);
const bodyMb = Buffer.byteLength(body) / 1_000_000;
const tickMs = 20;
/** Each may take a connection of its own to a service, which is kept for a while afterwards. */
const underWayMax = 24;

/**
 * Sends long texts, so many MB of them a second, into a conversation of its own, which no client of the load sees: what is measured are the others. Stopped, it
 * says how many MB a second were saved.
 */
export const sendHeavily = async (url: string, mbPerSecond: number): Promise<{ stop(): Promise<number> }> => {
  const ann = await signIn(url, 'ann');
  const { id } = await createConversation(ann, 'heavy');
  const underWay = new Set<Promise<void>>();
  const startedAt = performance.now();
  const seconds = () => (performance.now() - startedAt) / 1000;
  let [sent, saved] = [0, 0];
  const send = async () => {
    const path = `/api/messages/conversations/${id}/messages`;
    const answer = await ann.call('POST', path, { clientId: crypto.randomUUID(), body }).catch(() => undefined);
    if (answer?.status === 201) saved++;
  };
  const timer = setInterval(() => {
    for (; sent < (seconds() * mbPerSecond) / bodyMb; sent++) {
      // What cannot be sent now is not made up for later.
      if (underWay.size >= underWayMax) continue;
      const sending: Promise<void> = send().finally(() => underWay.delete(sending));
      underWay.add(sending);
    }
  }, tickMs);
  return {
    async stop() {
      clearInterval(timer);
      const rate = (saved * bodyMb) / seconds();
      await Promise.all(underWay);
      return rate;
    },
  };
};
