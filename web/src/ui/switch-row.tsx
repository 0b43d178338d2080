import { Show } from 'solid-js';

export type SwitchRowProps = {
  label: string;
  help?: string;
  on: boolean;
  disabled?: boolean;
  /** Answers whether it worked. */
  onChange: (on: boolean) => Promise<boolean>;
};

/** Something that is on or off, with what it means. It changes at once, and goes back when that did not work. */
export const SwitchRow = (props: SwitchRowProps) => (
  <label class="switch-row">
    <span class="switch-text">
      <span>{props.label}</span>
      <Show when={props.help}>
        <span class="form-help">{props.help}</span>
      </Show>
    </span>
    <input
      type="checkbox"
      role="switch"
      class="switch"
      checked={props.on}
      aria-checked={props.on}
      disabled={props.disabled}
      onChange={async ({ currentTarget }) => {
        if (!(await props.onChange(currentTarget.checked))) currentTarget.checked = props.on;
      }}
    />
  </label>
);
