type PolicyFactory = {
  createPolicy: (name: string, rules: { createHTML: (html: string) => string }) => unknown;
};

/**
 * The page's default policy for Trusted Types: `innerHTML` takes the templates of this build and nothing else, whoever asks. The
 * policy exists once; a second one of the same name is refused by the browser.
 */
export const allowTemplates = (templates: readonly string[], factory: PolicyFactory | undefined): void => {
  const known = new Set(templates);
  factory?.createPolicy('default', {
    createHTML: (html) => {
      if (known.has(html)) return html;
      throw new TypeError('refused: HTML that is no template of this build');
    },
  });
};
