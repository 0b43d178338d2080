import { Show } from 'solid-js';

/** Why what was asked for did not work, said at once; nothing while there is no fault. */
export const FormFault = (props: { text: string }) => (
  <Show when={props.text}>
    <p class="form-fault" role="alert">
      {props.text}
    </p>
  </Show>
);
