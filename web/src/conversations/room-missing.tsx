import { createSignal, Show } from 'solid-js';
import { useApp } from '../context.ts';
import { failureText, text } from '../i18n/text.ts';
import { UnsentList } from '../outbox/unsent-list.tsx';
import { createAttempt } from '../ui/attempt.ts';
import { FormFault } from '../ui/form-fault.tsx';

/** There is no such conversation, or not for this person: who has its address may ask to be let in. */
export const RoomMissing = (props: { id: string }) => {
  const { route, client } = useApp();
  const unsent = () => client.outbox.items().filter(({ conversationId }) => conversationId === props.id);
  return (
    <div class="empty">
      <h2>{text.room.missing}</h2>
      <p>{text.room.missingHelp}</p>
      <AskToJoin id={props.id} />
      <button type="button" class="button" onClick={() => route.go('/', { replace: true })}>
        {text.room.back}
      </button>
      <Show when={unsent().length > 0}>
        <p>{text.unsent.here}</p>
        <UnsentList items={unsent()} />
      </Show>
    </div>
  );
};

const AskToJoin = (props: { id: string }) => {
  const { membersApi } = useApp().client;
  const [asked, setAsked] = createSignal(false);
  const [fault, setFault] = createSignal('');
  const attempt = createAttempt(setFault, (code) => text.room.askFailures[code] ?? failureText(code));
  const run = (act: () => Promise<unknown>) => {
    setFault('');
    return attempt.run(act);
  };
  const ask = async () => setAsked(await run(() => membersApi.askToJoin(props.id)));
  const takeBack = async () => setAsked(!(await run(() => membersApi.withdraw(props.id))));
  return (
    <>
      <Show
        when={asked()}
        fallback={
          <button type="button" class="button button-primary" disabled={attempt.busy()} onClick={() => void ask()}>
            {text.room.ask}
          </button>
        }
      >
        <p role="status">{text.room.asked}</p>
        <button type="button" class="text-button" disabled={attempt.busy()} onClick={() => void takeBack()}>
          {text.room.askBack}
        </button>
      </Show>
      <FormFault text={fault()} />
    </>
  );
};
