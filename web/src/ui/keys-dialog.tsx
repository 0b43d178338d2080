import { For } from 'solid-js';
import { useApp } from '../context.ts';
import { dialogText } from '../i18n/dialog-text.ts';
import { Dialog } from './dialog.tsx';

/** All keyboard shortcuts. */
const KeysDialog = () => {
  const app = useApp();
  return (
    <Dialog title={dialogText.keys.title} onClose={() => app.openDialog(undefined)}>
      <dl class="keys">
        <For each={dialogText.keys.rows}>
          {([keys, meaning]) => (
            <div class="keys-row">
              <dt>
                <For each={keys.split(' ')}>{(key) => <kbd>{key}</kbd>}</For>
              </dt>
              <dd>{meaning}</dd>
            </div>
          )}
        </For>
      </dl>
    </Dialog>
  );
};
export default KeysDialog;
