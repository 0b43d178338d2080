import { meets, type Target, targetText, type Verdict } from '../verdict.ts';

interface Asked {
  readonly goal: string;
  readonly title: string;
  readonly measure: string;
  readonly unit: string;
  readonly target: Target;
  readonly figures: Pick<Verdict, 'medians' | 'rounds'>;
  readonly parts?: NonNullable<Verdict['parts']>;
  readonly note?: string;
}

/** How many times one's median is another's. */
export const ratioVerdict = (asked: Asked & { readonly of: string; readonly by: string }): Verdict => {
  const { medians } = asked.figures;
  return verdictOf(asked, (medians[asked.of] ?? Number.NaN) / (medians[asked.by] ?? Number.NaN));
};

/** One's own median. */
export const valueVerdict = (asked: Asked & { readonly of: string }): Verdict =>
  verdictOf(asked, asked.figures.medians[asked.of] ?? Number.NaN);

/** A goal that this machine cannot measure. It does not hold: nobody has seen that it does. */
export const skippedVerdict = (asked: Pick<Asked, 'goal' | 'title' | 'target' | 'unit'>, reason: string): Verdict => ({
  ...{ goal: asked.goal, title: asked.title, unit: asked.unit, target: targetText(asked.target) },
  ...{ figure: null, holds: false, medians: {}, rounds: {}, measure: '', skipped: reason },
});

const verdictOf = ({ figures, target, parts, note, ...asked }: Asked, figure: number): Verdict => ({
  ...{ goal: asked.goal, title: asked.title, measure: asked.measure, unit: asked.unit },
  ...{ figure, target: targetText(target), holds: meets(figure, target), ...figures },
  ...(parts === undefined ? {} : { parts }),
  ...(note === undefined ? {} : { note }),
});
