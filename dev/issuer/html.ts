/** Text that is HTML already and is not escaped again. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  toString(): string {
    return this.text;
  }
}

/** A template of HTML: whatever is put in is escaped, unless it is `Html` or a list of it; false and undefined are nothing. */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(parts.reduce((text, part, index) => text + put(values[index - 1]) + part));
}

type HtmlValue = string | Html | readonly Html[] | false | undefined;

function put(value: HtmlValue): string {
  if (value === false || value === undefined) return '';
  if (typeof value === 'string') return Bun.escapeHTML(value);
  if (value instanceof Html) return value.text;
  return value.map((item) => item.text).join('');
}
