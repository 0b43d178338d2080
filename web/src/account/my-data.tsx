import { createSignal } from 'solid-js';
import { useApp } from '../context.ts';
import { dialogText } from '../i18n/dialog-text.ts';
import { createAttempt } from '../ui/attempt.ts';
import { FormFault } from '../ui/form-fault.tsx';
import { saveFile } from '../ui/save-file.ts';

/** Everything of me: to take away, and to end. */
export const MyData = () => {
  const { client, openDialog } = useApp();
  const words = dialogText.accountPage;
  const [fault, setFault] = createSignal('');
  const attempt = createAttempt(setFault);
  const save = () =>
    void attempt.run(async () => {
      const data = await client.accountApi.exportData();
      saveFile(document, { name: words.exportFile, type: 'application/json', text: JSON.stringify(data, null, 2) });
    });
  return (
    <section class="section" aria-label={words.data}>
      <h3 class="section-title">{words.data}</h3>
      <div class="act-row">
        <p class="form-help">{words.exportHelp}</p>
        <button type="button" class="button" disabled={attempt.busy()} onClick={save}>
          {words.export}
        </button>
      </div>
      <FormFault text={fault()} />
      <div class="act-row">
        <p class="form-help">{words.deleteHelp}</p>
        <button type="button" class="button button-warn" onClick={() => openDialog({ kind: 'delete-account' })}>
          {words.delete}
        </button>
      </div>
    </section>
  );
};
