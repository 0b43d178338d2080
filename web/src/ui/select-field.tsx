import { For } from 'solid-js';

export type SelectFieldProps<T extends string | number> = {
  label: string;
  value: T;
  options: readonly T[];
  textOf: (option: T) => string;
  onChange: (value: T) => void;
};

/** One of a few, by the browser's own list: it is known on every phone. */
export const SelectField = <T extends string | number>(props: SelectFieldProps<T>) => (
  <label class="field">
    <span class="field-label">{props.label}</span>
    <select
      class="input select"
      onChange={({ currentTarget }) => {
        const picked = props.options[currentTarget.selectedIndex];
        if (picked !== undefined) props.onChange(picked);
      }}
    >
      <For each={props.options}>
        {(option) => (
          <option value={option} selected={option === props.value}>
            {props.textOf(option)}
          </option>
        )}
      </For>
    </select>
  </label>
);
