import type { ResumedConversation } from '@chatapp/contract/frames';
import { limits } from '@chatapp/contract/limits';
import type { Message } from '@chatapp/contract/shapes';
import { batch } from 'solid-js';
import { ApiError } from '../api/api-error.ts';
import type { MessagesApi } from '../api/messages-api.ts';
import { reconnectDelayMs } from '../realtime/backoff.ts';
import type { Clock } from '../realtime/clock.ts';
import { verdictOn } from '../realtime/coverage.ts';
import { emptyTimeline, keep, keepFirstPage, newestOf, reachesStart, shorten } from './timeline.ts';
import { type Covered, createEntry, type Entry, type TimelineEntry } from './timeline-entry.ts';

export type TimelinesParts = {
  api: MessagesApi;
  clock: Clock;
  random: () => number;
  /** A first page came, or what filled a hole: messages are shown that nobody pushed. `newest` is the last of them, where there is one. */
  onFetched: (newest: readonly Message[]) => void;
};
export type Timelines = ReturnType<typeof createTimelines>;

const firstPageMax = limits.pageSizeMax;

/**
 * The timelines of all conversations that were opened in this page, kept true by pushes, resumes and pages: what joins on is
 * applied, what is known is dropped, and a hole is fetched before anything after it is shown.
 */
export const createTimelines = ({ api, clock, random, onFetched }: TimelinesParts) => {
  const entries = new Map<string, Entry>();
  // Pages asked for before a resume's answer are asked for again: the answer may have gone past them.
  let resumes = 0;

  const page = async (c: string, query: Parameters<MessagesApi['page']>[1]) => {
    for (;;) {
      const asked = resumes;
      const answer = await api.page(c, query);
      if (asked === resumes) return answer;
    }
  };

  const loadFirst = async (c: string, entry: Entry, limit: number) => {
    const { life } = entry;
    entry.setStatus('loading');
    try {
      const first = await page(c, { limit });
      if (life !== entry.life) return;
      batch(() => {
        keepFirstPage(entry.state, first);
        entry.setStatus('ready');
        replay(c, entry);
        onFetched(newestOf(entry.state));
      });
    } catch {
      if (life === entry.life) entry.setStatus('failed');
    }
  };

  const loadOlder = async (c: string, entry: Entry) => {
    const { life } = entry;
    entry.setOlder('loading');
    try {
      const older = await page(c, { before: entry.state.low, limit: limits.pageSizeDefault });
      if (life !== entry.life) return;
      batch(() => {
        keep(entry.state, older.items);
        entry.setOlder('idle');
        shortenUnseen(entry);
        entry.changed();
      });
    } catch {
      if (life === entry.life) entry.setOlder('failed');
    }
  };

  /** Applies what was held back, in the order it came. */
  const replay = (c: string, entry: Entry) => {
    const waiting = entry.held;
    entry.held = [];
    for (const covered of waiting) take(c, entry, covered);
    entry.changed();
  };

  /** Nothing goes while an older page is on its way: it may be older than a change that is known by now. */
  const shortenUnseen = ({ viewers, older, state }: Entry) => {
    if (viewers === 0 && older() !== 'loading') shorten(state);
  };

  const take = (c: string, entry: Entry, covered: Covered) => {
    const { have } = entry.state;
    if (have === undefined || entry.catchingUp()) {
      entry.held.push(covered);
      // A page may be on its way that was read before this change: the newer state is kept for it.
      keep(entry.state, covered.changes);
      return;
    }
    switch (verdictOn(have, covered)) {
      case 'drop':
        return;
      case 'apply':
        entry.state.have = covered.to;
        keep(entry.state, covered.changes);
        shortenUnseen(entry);
        entry.changed();
        return;
      case 'fetch':
        entry.held.push(covered);
        void fillHole(c, entry);
    }
  };

  const fillHole = async (c: string, entry: Entry) => {
    const { life } = entry;
    entry.setCatchingUp(true);
    for (let attempt = 0; life === entry.life; ) {
      try {
        const from = entry.state.have ?? 0;
        const changes = await api.changes(c, from, limits.changesPageMax);
        if (life !== entry.life) return;
        if (changes.headRev < from) return void drop(c, entry);
        entry.state.have = Math.max(from, changes.to);
        keep(entry.state, changes.changes);
        if (changes.to >= changes.headRev) break;
      } catch (error) {
        if (error instanceof ApiError && error.code === 'not-found')
          return void (life === entry.life && drop(c, entry));
        const { promise, resolve } = Promise.withResolvers<void>();
        entry.hurry = resolve;
        clock.after(reconnectDelayMs(attempt++, random), resolve);
        await promise;
      }
    }
    if (life !== entry.life) return;
    batch(() => {
      entry.setCatchingUp(false);
      replay(c, entry);
      onFetched(newestOf(entry.state));
    });
  };

  /** Drops what is known of a timeline; one that is shown loads its newest page again. */
  const drop = (c: string, entry: Entry) => {
    entry.life++;
    if (entry.viewers === 0) return void entries.delete(c);
    Object.assign(entry.state, emptyTimeline());
    entry.held = [];
    batch(() => {
      entry.setCatchingUp(false);
      entry.setOlder('idle');
      entry.changed();
    });
    void loadFirst(c, entry, limits.pageSizeDefault);
  };

  return {
    /** The timeline of a conversation, loaded at the first call; `atLeast` messages of it where there are as many. */
    open: (c: string, atLeast: number = limits.pageSizeDefault): TimelineEntry => {
      const entry = entries.get(c) ?? createEntry();
      entry.viewers++;
      if (entries.has(c)) return entry;
      entries.set(c, entry);
      void loadFirst(c, entry, Math.min(firstPageMax, Math.max(limits.pageSizeDefault, atLeast)));
      return entry;
    },
    /** It is no longer shown; the newest of what is known stays and is kept true. */
    close: (c: string): void => {
      const entry = entries.get(c);
      if (!entry) return;
      entry.viewers--;
      shortenUnseen(entry);
    },
    peek: (c: string): TimelineEntry | undefined => entries.get(c),
    reload: (c: string): void => {
      const entry = entries.get(c);
      if (entry) drop(c, entry);
    },
    /** Asks for missing changes at once, where that waits for its time. */
    hurry: (c: string): void => entries.get(c)?.hurry(),
    /** Loads the page before what is known, once for all who ask meanwhile; where that fails, the entry says so. */
    loadOlder: async (c: string): Promise<void> => {
      const entry = entries.get(c);
      if (entry?.status() !== 'ready' || reachesStart(entry.state)) return;
      if (entry.older() !== 'loading') entry.olderComes = loadOlder(c, entry);
      await entry.olderComes;
    },
    take: (c: string, covered: Covered): void => {
      const entry = entries.get(c);
      if (entry) take(c, entry, covered);
    },
    /** What a resume asks with: every conversation whose changes are known up to a `rev`. */
    positions: (): [string, number][] =>
      Array.from(entries, ([c, { state }]): [string, number | undefined] => [c, state.have])
        .filter((position): position is [string, number] => position[1] !== undefined)
        .slice(-limits.resumeConversationsMax),
    resumed: (answers: readonly ResumedConversation[], asked: readonly string[]): void => {
      resumes++;
      const byId = new Map(answers.map((answer) => [answer.c, answer]));
      for (const c of asked) {
        const entry = entries.get(c);
        const answer = byId.get(c);
        if (!entry) continue;
        if (answer && 'changes' in answer) take(c, entry, answer);
        else if (answer && 'gone' in answer) forget(c);
        else drop(c, entry);
      }
      for (const [c, entry] of entries) {
        entry.hurry();
        // Its first page came between the greeting and this answer: what was written in between was neither in it nor pushed.
        if (entry.state.have !== undefined && !entry.catchingUp() && !asked.includes(c)) void fillHole(c, entry);
        if (entry.older() === 'failed') entry.setOlder('idle');
        if (entry.status() === 'failed') drop(c, entry);
      }
    },
    /** The conversation is no longer mine. */
    forget: (c: string): void => forget(c),
  };

  function forget(c: string) {
    const entry = entries.get(c);
    if (!entry) return;
    entry.life++;
    entries.delete(c);
  }
};
