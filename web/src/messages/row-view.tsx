import { type Accessor, Match, Switch } from 'solid-js';
import { useApp } from '../context.ts';
import { useRoom } from '../conversations/room-context.ts';
import { dayHeading, timeOf } from '../i18n/format.ts';
import { text } from '../i18n/text.ts';
import { MessageRow } from './message-row.tsx';
import type { Row } from './rows.ts';
import { systemText } from './system-text.ts';

type RowOf<Kind extends Row['kind']> = Extract<Row, { kind: Kind }>;

/** One row of the timeline, whatever it is. Its kind never changes: it is in the key. */
export const RowView = (props: { row: Accessor<Row> | undefined }) => {
  const of = <Kind extends Row['kind']>(kind: Kind) => {
    const row = props.row?.();
    return row?.kind === kind ? (row as RowOf<Kind>) : undefined;
  };
  return (
    <Switch>
      <Match when={of('text')}>{(row) => <MessageRow row={row} />}</Match>
      <Match when={of('system')}>{(row) => <SystemRow row={row} />}</Match>
      <Match when={of('day')}>{(row) => <DayRow at={row().at} />}</Match>
      <Match when={of('new')}>
        <div class="separator separator-new" data-row="">
          <span>{text.timeline.new}</span>
        </div>
      </Match>
    </Switch>
  );
};

const DayRow = (props: { at: number }) => {
  const { now } = useApp();
  return (
    <div class="separator" data-row="">
      <span>{dayHeading(props.at, now())}</span>
    </div>
  );
};

const SystemRow = (props: { row: Accessor<RowOf<'system'>> }) => {
  const { client } = useApp();
  const room = useRoom();
  const message = () => props.row().message;
  return (
    <article class="system" data-row="" data-seq={message().seq} data-client-id={message().clientId}>
      <span>{systemText(message(), client.me.id, room.nameOf)}</span>
      <time datetime={message().createdAt}>{timeOf(Date.parse(message().createdAt))}</time>
    </article>
  );
};
