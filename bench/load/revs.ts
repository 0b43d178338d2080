import type { Resumed, ServerFrame } from '@chatapp/contract/frames';

/** Notes how far a socket has each conversation, from any frame of the product. */
export const noteRevs = (payload: Buffer, have: Map<string, number>): void => {
  const frames = JSON.parse(payload.toString()) as ServerFrame | ServerFrame[];
  for (const frame of Array.isArray(frames) ? frames : [frames]) noteFrame(frame, have);
};

const noteFrame = (frame: ServerFrame, have: Map<string, number>): void => {
  const note = (c: string, rev: number) => have.set(c, Math.max(rev, have.get(c) ?? 0));
  if ('e' in frame) {
    if (frame.e === 'message') note(frame.c, frame.rev);
    else if (frame.e === 'changes') note(frame.c, frame.to);
  } else if ('ok' in frame) {
    // A reset is no catching up: its timeline would have to be loaded.
    const { conversations = [] } = frame.ok as Partial<Resumed>;
    for (const one of conversations) if ('to' in one) note(one.c, one.to);
  }
};
