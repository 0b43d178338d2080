type Change<T> = (known: T) => T;

/** Brings what was pushed while an answer was on its way on top of it, since the answer may be older. */
export const createMeanwhile = <T>() => {
  // What was pushed since, of each question that is on its way, in the order of asking.
  const logs = new Map<string, Change<T>[][]>();
  const logsOf = (id: string) => logs.get(id) ?? [];
  return {
    note: (id: string, change: Change<T>): void => {
      for (const log of logsOf(id)) log.push(change);
    },
    /** The answer as it is by now; undefined where a later question has been answered before. */
    over: async (id: string, answer: Promise<T>): Promise<T | undefined> => {
      const log: Change<T>[] = [];
      logs.set(id, [...logsOf(id), log]);
      try {
        const known = await answer;
        const at = logsOf(id).indexOf(log);
        if (at < 0) return undefined;
        logs.set(id, logsOf(id).slice(at));
        return log.reduce<T>((now, change) => change(now), known);
      } finally {
        logs.set(
          id,
          logsOf(id).filter((other) => other !== log),
        );
      }
    },
    /** Answers that are on their way count no more. */
    forget: (id: string): void => void logs.delete(id),
  };
};
