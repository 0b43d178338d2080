import { createSignal } from 'solid-js';
import type { FailureCode } from '../api/api-error.ts';
import { useApp } from '../context.ts';
import { failureText } from '../i18n/text.ts';
import { createAttempt } from './attempt.ts';
import { Dialog } from './dialog.tsx';
import { FormFault } from './form-fault.tsx';

/** A question before something that cannot simply be undone. `keep` changes nothing and has the focus; `submit` says what it does. */
export type Confirmation = {
  title: string;
  help: string;
  keep: string;
  submit: string;
  run: () => Promise<unknown>;
  textOf?: (code: FailureCode) => string;
};

const ConfirmDialog = (props: { confirmation: Confirmation }) => {
  const { openDialog } = useApp();
  const [fault, setFault] = createSignal('');
  const attempt = createAttempt(setFault, (code) => (props.confirmation.textOf ?? failureText)(code));
  const close = () => openDialog(undefined);
  const submit = async () => {
    if (await attempt.run(props.confirmation.run)) close();
  };
  return (
    <Dialog title={props.confirmation.title} onClose={close}>
      <p class="dialog-text">{props.confirmation.help}</p>
      <FormFault text={fault()} />
      <div class="form-buttons">
        <button type="button" class="button" autofocus onClick={close}>
          {props.confirmation.keep}
        </button>
        <button type="button" class="button button-warn" disabled={attempt.busy()} onClick={() => void submit()}>
          {props.confirmation.submit}
        </button>
      </div>
    </Dialog>
  );
};
export default ConfirmDialog;
